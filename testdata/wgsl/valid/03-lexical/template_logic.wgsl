// in 0.1: 3 5
// expect 0.0: 1 1 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// && and || end what could have been a template list.
@compute @workgroup_size(1)
fn main() {
  let a = inp[0]; let b = inp[1];
  out[0] = u32(a<b && b>a); out[1] = u32(a<b||b>a); out[2] = u32(!(a<b) || !(b>a));
}
