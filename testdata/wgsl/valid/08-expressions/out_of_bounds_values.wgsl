// in 0.1: 9 2
// expect 0.0: 0 0 0 0 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Reading a value out of its bounds gives zero.
@compute @workgroup_size(1)
fn main() { out[0] = array(5u, 6, 7)[inp[0]]; out[1] = vec3u(8, 9, 10)[inp[0]]; var v = vec2u(1, 2); out[2] = v[inp[1]]; out[3] = u32(mat2x2f(1, 2, 3, 4)[inp[0]].x); out[4] = array(array(1u, 2), array(3u, 4))[inp[1]][0]; }
