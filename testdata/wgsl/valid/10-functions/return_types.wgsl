// expect 0.0: 4 8 3 3 1 2 5 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, b: array<vec2u, 2> }
fn s(x: u32) -> S { return S(x, array(vec2(x), vec2(x + 1))); }
fn a(x: u32) -> array<u32, 2> { return array(x, x * 2); }
fn m() -> mat2x2f { return mat2x2(1, 2, 3, 4); }
fn v() -> vec3f { return vec3(1, 2, 3); }
fn f() -> f32 { return 1; }
fn b(x: u32) -> bool { return x > 1; }
fn n() { return; }
@compute @workgroup_size(1)
fn main() { n(); out[0] = s(3).b[1].y; out[1] = a(4)[1]; out[2] = u32(m()[1].x); out[3] = u32(v().z); out[4] = u32(f()); out[5] = u32(b(1)) + u32(b(2)) * 2; var k = a(5); out[6] = k[0]; out[7] = s(1).b[0].x; }
