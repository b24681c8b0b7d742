// in 0.1: 1
// expect 0.0: 1 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let b = inp[0] == 1; out[0] = u32(!!b); out[1] = u32(!(!(!b))); }
