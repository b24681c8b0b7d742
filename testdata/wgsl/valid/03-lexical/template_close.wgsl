// expect 0.0: 8 3 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var a: array<vec2<u32>,2>=array<vec2<u32>,2>(); // the first > of >= closes the list
  let p: ptr<function,array<vec2<u32>,2>>=&a;
  (*p)[1]=vec2<u32>(7,8);
  out[0] = a[1].y; out[1] = array<array<u32,2>,2>(array<u32,2>(1,2),array<u32,2>(3,4))[1][0]; out[2] = u32(array<u32,(4>>1)>(5,6)[1]);
}
