// expect 0.0: 9 2 5 0 4 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: array<array<u32, 2>, 2> }
@compute @workgroup_size(1)
fn main() {
  var a = array<u32, 3>(1, 2, 3); var b = a; b[0] = 9; a = b; b[1] = 8;
  out[0] = a[0]; out[1] = a[1]; var s: S; s.a[1] = array(4u, 5u); var t = s; t.a[1][0] = 0; s.a[0] = s.a[1]; out[2] = s.a[0][1]; out[3] = t.a[1][0]; out[4] = s.a[1][0]; out[5] = t.a[0][1];
}
