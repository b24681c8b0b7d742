// expect 0.0: 11
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = b + 1; const b = c * 2; const c = 5;
@compute @workgroup_size(1)
fn main() { out[0] = a; }
