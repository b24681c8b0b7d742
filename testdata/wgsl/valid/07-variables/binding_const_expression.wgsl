// in 1.3: 42
// expect 0.0: 42
const g = 1; const b = 2u;
@group(g) @binding(b + 1) var<storage, read> x: u32;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = x; }
