// expect 0.0: 1 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var x = 1u; let y = x; x = 2; out[0] = y; out[1] = x; }
