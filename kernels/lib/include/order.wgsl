// A whole number for the bits of each f32 that rises with it: 0 for NaN, the same for -0 and +0.
fn order_of(bits: u32) -> u32 {
  let u = select(bits, 0, bits == 0x80000000);
  let rising = select(u | 0x80000000, ~u, u >= 0x80000000);
  return select(rising, 0, (u & 0x7fffffff) > 0x7f800000);
}
