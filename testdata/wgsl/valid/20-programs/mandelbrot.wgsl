// expect 0.0: 50 50 3 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn steps(c: vec2f) -> u32 {
  var z = vec2f();
  for (var i = 1u; i < 50u; i++) {
    z = vec2f(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
    if (dot(z, z) > 4.0) { return i; }
  }
  return 50u;
}
@compute @workgroup_size(1) fn main() { out[0] = steps(vec2f()); out[1] = steps(vec2f(-1, 0)); out[2] = steps(vec2f(1, 0)); out[3] = steps(vec2f(2, 2)); }
