// in 0.1: 5
// expect 0.0: 5 -5 8
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@group(0) @binding(1) var<storage, read> x: array<i32>;
@compute @workgroup_size(1) fn main() { out[0] = --x[0]; out[1] = - - -x[0]; out[2] = 3--x[0]; }
