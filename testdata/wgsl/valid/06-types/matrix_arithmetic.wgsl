// in 0.1: 1.0 2.0 3.0 4.0 5.0 6.0
// expect 0.0: 1.0 5.0 18.0 7.0 17.0 41.0 52.0 63.0 321.0 654.0 1.5 9.0 8.0 -2.0 4.0 3.0 24.0 24.0 4.0 22.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  let m = mat2x3f(inp[0], inp[1], inp[2], inp[3], inp[4], inp[5]); let n = mat3x2f(1, 0, 0, 1, 2, 2);
  let p = m * n; // 3 columns of 3
  out[0] = p[0].x; out[1] = p[1].y; out[2] = p[2].z;
  let q = n * m; out[3] = q[0].x; out[4] = q[1].y;
  let v = m * vec2f(1, 10); out[5] = v.x; out[6] = v.y; out[7] = v.z;
  let w = vec3f(1, 10, 100) * m; out[8] = w.x; out[9] = w.y;
  let s = m + m - m * 0.5; out[10] = s[0].x; out[11] = s[1].z; let t = 2 * m; out[12] = t[1].x;
  let d = determinant(mat2x2f(inp[0], inp[1], inp[2], inp[3])); out[13] = d; let tr = transpose(m); out[14] = tr[0].y; out[15] = tr[2].x;
  out[16] = determinant(mat3x3f(2, 0, 0, 0, 3, 0, 0, 0, 4)); out[17] = determinant(mat4x4f(1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4));
  var u = m; u *= 2; u += m; u -= m; out[18] = u[0].y; var x = mat2x2f(1, 2, 3, 4); x *= x; out[19] = x[1].y;
}
