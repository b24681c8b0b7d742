// bf16_from gives the bf16 nearest to the f32 of these bits, to even in a tie, and 0x7fc0 for every NaN.
fn bf16_from(bits: u32) -> u32 {
  if ((bits & 0x7fffffff) > 0x7f800000) {
    return 0x7fc0;
  }
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}
