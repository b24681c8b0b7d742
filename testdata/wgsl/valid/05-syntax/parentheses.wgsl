// expect 0.0: 5 10 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var x = (((((1u))))); (x) = 2; ((x)) += 3; out[0] = (x); (out[1]) = ((x) * (2)); if (((x > 1))) { (out)[2] = 4; }
}
