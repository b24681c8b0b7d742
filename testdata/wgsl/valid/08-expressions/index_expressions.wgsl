// in 0.1: 0 1 2 3 4
// expect 0.0: 2 4 3 1 3 7 9 3
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = inp[inp[inp[1] + 1]]; out[1] = inp[arrayLength(&inp) - 1]; let i = 3; out[2] = inp[i]; out[3] = inp[u32(i) % 2]; var a = array(array(1u, 2), array(3u, 4)); out[4] = a[inp[1]][inp[0]];
  out[5] = array(5u, 6, 7)[inp[2]]; out[6] = vec3u(8, 9, 10)[inp[1]]; out[7] = u32(mat2x2f(1, 2, 3, 4)[inp[1]][inp[0]]);
}
