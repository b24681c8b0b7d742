// A constant expression cannot be infinite, a value can.
fn infinity() -> f32 {
  let bits = 0x7f800000u;
  return bitcast<f32>(bits);
}
