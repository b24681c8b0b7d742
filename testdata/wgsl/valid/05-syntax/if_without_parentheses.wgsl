// in 0.1: 3
// expect 0.0: 2
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { if inp[0] < 2 { out[0] = 1; } else if inp[0] < 4 { out[0] = 2; } else { out[0] = 3; } }
