// in 0.1: -1 -2147483648
// expect 0.0: 0 0
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() { var a = array<i32, 3>(1, 2, 3); a[inp[0]] = 5; out[0] = a[inp[0]] + a[inp[1]]; out[1] = inp[inp[0]]; }
