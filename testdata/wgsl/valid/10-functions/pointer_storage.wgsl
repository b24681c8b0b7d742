// in 0.1: 1 2 3 4
// expect 0.1: 6 2 23 44
struct S { n: u32, a: array<u32, 3> }
@group(0) @binding(1) var<storage, read_write> s: S;
fn inc(p: ptr<storage, u32, read_write>, by: u32) { *p += by; }
fn all3(p: ptr<storage, array<u32, 3>, read_write>) { for (var i = 0; i < 3; i++) { inc(&(*p)[i], u32(i) * 10); } }
@compute @workgroup_size(1)
fn main() { inc(&s.n, 5); all3(&s.a); let q = &s; all3(&q.a); }
