// in 0.1: 0 1 2 3
// expect 0.0: 5 7 9 11
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var v = vec4u(5, 6, 7, 8);
  for (var i = 0u; i < 4; i++) { v[inp[i]] += i; }
  for (var i = 0; i < 4; i++) { out[i] = v[i]; }
}
