// expect 0.0: 5.0 7.0 2.0 4.0 0.5 -1.0 3.0 9.0 2.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1) fn main() {
  var a = vec2f(2, 3); var b = vec2f(3, 4);
  let c = a + b; out[0] = c.x; out[1] = c.y;
  let d = a * 2; out[2] = d.x - 2; out[3] = 2 * a.x;
  out[4] = (1 / a).x; out[5] = (-a).x + 1;
  a += b - 2; out[6] = a.x; b *= vec2(3); out[7] = b.x; out[8] = (b % a).y;
}
