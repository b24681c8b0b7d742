// The domain of sums: a number smaller in magnitude than 2^-102 is taken as +0. Then every sum is a multiple of 2^-125, as it
// is of products of the domain (domain.wgsl), and none is subnormal.
fn addend(x: f32) -> f32 {
  return select(0.0, x, (bitcast<u32>(x) & 0x7fffffff) >= 0x0c800000);
}
