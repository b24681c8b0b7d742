// in 0.1: 0 1 2
// expect 0.0: 6.0 9.0 7.0 1.0 9.0 3.0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  var m = mat3x2f(1, 2, 3, 4, 5, 6);
  let i = inp[2]; let j = inp[1];
  out[0] = m[i][j]; m[j] = vec2f(9, 8); out[1] = m[j].x; m[i][j] = 7; out[2] = m[2].y; out[3] = m[inp[0]].x; m[j].y += 1; out[4] = m[1].y;
  let c = mat2x2f(1, 2, 3, 4); out[5] = c[j][inp[0]];
}
