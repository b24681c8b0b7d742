// in 0.1: 32 33 63 1
// expect 0.0: 1 2 1 4 0xfffffffc
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The count is taken modulo the width at run time.
@compute @workgroup_size(1)
fn main() { out[0] = inp[3] << inp[0]; out[1] = inp[3] << inp[1]; out[2] = 0x80000000u >> inp[2]; out[3] = 8u >> inp[1]; out[4] = u32(-8i >> inp[1]); }
