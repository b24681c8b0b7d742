// expect 0.0: 23.0 34.0 14.0 50.0 1.0 4.0 -2.0 3.0 6.0 5.0 2.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1) fn main() {
  let m = mat2x2<f32>(1, 2, 3, 4);
  let v = vec2f(5, 6);
  let a = m * v; out[0] = a.x; out[1] = a.y;
  let i = vec3f(1, 2, 3);
  out[2] = dot(i, i);
  let w = v * m;             // 5*1+6*2, 5*3+6*4 = 17, 39
  out[3] = w.x + w.y - 6;
  let p = mat2x2f(1, 0, 0, 1) * m; out[4] = p[0][0]; out[5] = p[1].y;
  out[6] = determinant(m);
  let t = transpose(mat2x3f(1, 2, 3, 4, 5, 6));  // 3 columns of 2
  out[7] = t[2].x; out[8] = t[2].y;
  var x = mat2x2f(); x[1] = vec2f(5, 1); x[1][1] *= 2; out[9] = x[1].x; out[10] = (x + x - x)[1][1];
}
