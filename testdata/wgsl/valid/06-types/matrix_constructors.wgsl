// expect 0.0: 3.0 6.0 6.0 0.0 2.0 4.0 1.0 0.0 7.0 8.0 0.0 12.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() {
  let a = mat2x2f(1, 2, 3, 4); let b = mat2x3<f32>(vec3f(1, 2, 3), vec3f(4, 5, 6)); let c = mat3x2(1.0, 2, 3, 4, 5, 6); let d = mat4x4f();
  let e = mat2x2(vec2(1.0, 2), vec2(3.0, 4)); let f = mat2x2f(a); let g = mat3x3(mat3x3f(1, 0, 0, 0, 1, 0, 0, 0, 1));
  out[0] = a[1][0]; out[1] = b[1].z; out[2] = c[2].y; out[3] = d[3][3]; out[4] = e[0].y; out[5] = f[1][1]; out[6] = g[2].z; out[7] = g[0].y;
  out[8] = mat4x2f(1, 2, 3, 4, 5, 6, 7, 8)[3].x; out[9] = mat2x4f(1, 2, 3, 4, 5, 6, 7, 8)[1].w; out[10] = mat3x4f()[1].x; out[11] = mat4x3(1., 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)[3].z;
}
