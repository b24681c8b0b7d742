// The scale of block b, in binary16: in the lower half of its word where b is even, in the upper half where it is odd.
fn scale_of(word: u32, b: u32) -> f32 {
  return bitcast<f32>(half_to((word >> (16 * (b & 1))) & 0xffff));
}
