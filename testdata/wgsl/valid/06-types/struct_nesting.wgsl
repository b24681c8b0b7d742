// expect 0.0: 3 7 3 11 11 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct A { x: u32, y: vec2u } struct B { a: A, n: array<A, 2> } struct C { b: B, m: mat2x2f }
@compute @workgroup_size(1)
fn main() {
  var c = C(B(A(1, vec2u(2, 3)), array<A, 2>(A(4, vec2u(5, 6)), A(7, vec2u(8, 9)))), mat2x2f(1, 2, 3, 4));
  out[0] = c.b.a.y.y; out[1] = c.b.n[1].x; out[2] = u32(c.m[1].x); var i = 0; c.b.n[i].y[i] = 11; out[3] = c.b.n[0].y.x; let d = c.b; out[4] = d.n[0].y.x; c.b = B(); out[5] = c.b.n[1].x;
}
