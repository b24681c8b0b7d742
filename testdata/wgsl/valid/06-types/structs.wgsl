// expect 0.0: 5 7 12 1 0 3
struct Inner { a: u32, b: vec2u }
struct Outer { i: Inner, k: array<Inner, 2>, f: bool, }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  var o = Outer(Inner(5, vec2u(6, 7)), array(Inner(), Inner(8, vec2u(1, 12))), true);
  out[0] = o.i.a; out[1] = o.i.b.y;
  let copy = o.k;
  out[2] = copy[1].b.y;
  out[3] = u32(o.f);
  o = Outer();
  out[4] = o.k[1].b.y + u32(o.f);
  o.k[0] = Inner(1, vec2(2, 3)); out[5] = o.k[0].b[1];
}
