// expect 0.0: 30 13 43 9 8 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: array<u32, 3>, v: vec3u }
fn bump(p: ptr<function, u32>) { *p += 10; }
fn last(p: ptr<function, array<u32, 3>>) -> u32 { return (*p)[2] + p[1]; }
@compute @workgroup_size(1)
fn main() {
  var s = S(array<u32, 3>(1, 2, 3), vec3u(4, 5, 6));
  let p = &s.a; let q = &((*p)[1]); *q = 20; bump(&s.a[2]); bump(q);
  out[0] = s.a[1]; out[1] = s.a[2]; out[2] = last(&s.a); let r = &s; (*r).v.y = 9; r.v.x = 8; out[3] = s.v.y; out[4] = (*r).v.x; out[5] = (*(&(*p)))[0];
}
