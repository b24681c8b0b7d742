// The domain of products: operands smaller in magnitude than 2^-51, and 2^-55 where they are bf16, are taken as +0. Then
// every product that is not 0 is at least 2^-102 (2^-110), every product and every sum of them is a multiple of 2^-125, and
// none is subnormal: hardware that flushes subnormals needs no guard. Inf and NaN are kept.

fn domain(x: f32) -> f32 {
  return select(0.0, x, (bitcast<u32>(x) & 0x7fffffff) >= 0x26000000);
}

// The bits of an f32 that are those of a bf16 in its upper half, the lower half 0.
fn domain_bf16(bits: u32) -> f32 {
  return select(0.0, bitcast<f32>(bits), (bits & 0x7fffffff) >= 0x24000000);
}
