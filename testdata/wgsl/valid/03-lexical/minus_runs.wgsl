// in 0.1: 9
// expect 0.0: 9 18 -9 10 9
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() { let x = inp[0]; out[0] = - - x; out[1] = x - -x; out[2] = -(-(-x)); out[3] = x--1; out[4] = ~ ~x; }
