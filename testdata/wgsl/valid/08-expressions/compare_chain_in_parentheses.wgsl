// in 0.1: 1 2 3
// expect 0.0: 1 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = u32((inp[0] < inp[1]) == (inp[1] < inp[2])); out[1] = u32((inp[0] < inp[1]) != true); }
