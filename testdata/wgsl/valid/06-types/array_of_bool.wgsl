// in 0.1: 1 0 1
// expect 0.0: 0 0 1
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var a: array<bool, 3>; var v: array<vec2<bool>, 2>;
  for (var i = 0; i < 3; i++) { a[i] = inp[i] == 1; }
  v[inp[0]].y = true; out[0] = u32(a[inp[2]]); out[1] = u32(a[inp[0]]); out[2] = u32(v[1].y) + u32(v[inp[1]].y);
}
