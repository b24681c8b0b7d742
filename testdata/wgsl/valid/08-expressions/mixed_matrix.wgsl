// expect 0.0: 2.0 14.0 32.0 58.0 139.0 1.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1) fn main() {
  var s = 2.0;
  let m = mat3x2f(1, 2, 3, 4, 5, 6);  // 3 columns of 2
  out[0] = (m * s)[0].x;
  out[1] = (vec2f(4, 5) * m)[0];      // 4*1 + 5*2
  let p = transpose(m) * m;           // 3x3? (2x3 columns) times
  out[2] = (vec3f(1, 2, 3) * transpose(m)).y + 4; // 2*1+4*2+6*3 = 28
  let q = mat2x3f(1, 2, 3, 4, 5, 6);  // 2 columns of 3
  let r = m * q;                       // 2x2: r[0] = m*q[0] = (1+6+15, 2+8+18) = (22, 28)
  out[3] = r[0].x + r[0].y + 8;
  out[4] = r[1].x + r[1].y + 26;       // m*(4,5,6) = (49, 64)
  out[5] = p[0][0] - 4;                // 1*1+2*2 = 5
}
