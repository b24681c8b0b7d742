// in 0.1: 12 10 6
// expect 0.0: 0 14 0 14
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = inp[0] & inp[1] & inp[2]; out[1] = inp[0] | inp[1] | inp[2]; out[2] = inp[0] ^ inp[1] ^ inp[2]; out[3] = (inp[0] & inp[1]) | inp[2]; }
