// The domain of softmax: of the powers e, which are at most 1, those below 2^-94 are taken as +0, and 1 / their sum, where it
// is below 2^-32 (rows of more than 2^32 elements, which there are not). Then no product of the two is subnormal.
fn weight(e: f32) -> f32 {
  return select(0.0, e, (bitcast<u32>(e) & 0x7fffffff) >= 0x10800000);
}

fn share(r: f32) -> f32 {
  return select(0.0, r, (bitcast<u32>(r) & 0x7fffffff) >= 0x2f800000);
}
