// expect 0.0: 2 5 11 9 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> p: u32 = 4;
struct S { a: u32, b: array<u32, 4> }
fn inc(x: ptr<function, u32>) { *x += 1; }
fn incp(x: ptr<private, u32>) { *x = *x + 1; }
fn sum(x: ptr<function, array<u32, 4>>) -> u32 {
  var s = 0u;
  for (var i = 0u; i < 4; i++) { s += (*x)[i]; x[i] = 0; }
  return s;
}
fn put(o: ptr<storage, array<u32>, read_write>, i: u32, v: u32) { (*o)[i] = v; }
@compute @workgroup_size(1) fn main() {
  var x = 1u; inc(&x); out[0] = x;
  incp(&p); out[1] = p;
  var s = S(1, array(2, 3, 4, 2));
  out[2] = sum(&s.b);
  let q = &s.b[1]; *q = 9; out[3] = s.b[1];
  let ps = &s; ps.a = 3; put(&out, 4, (*ps).a);
}
