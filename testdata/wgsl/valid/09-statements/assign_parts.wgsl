// expect 0.0: 6 3 8 1 6 5 0 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: array<vec2u, 2>, m: mat2x2f, b: bool }
@compute @workgroup_size(1)
fn main() {
  var s: S; s.a[1] = vec2u(1, 2); s.a[1].x += 5; s.a[0][1] = 3; s.m[1] = vec2f(4, 5); s.m[1][0] *= 2; s.b = !s.b;
  out[0] = s.a[1].x; out[1] = s.a[0].y; out[2] = u32(s.m[1].x); out[3] = u32(s.b); s.a[0] += s.a[1]; out[4] = s.a[0].x; out[5] = s.a[0].y; s = S(); out[6] = s.a[1].x; s.a = array(vec2(7u), vec2(8u)); out[7] = s.a[1].y;
}
