// 1 / d, and 0 for d = 0.
fn inverse(d: f32) -> f32 {
  return select(1.0 / d, 0.0, d == 0.0);
}

// What x is in units of the scale of which i is the inverse, rounded to even, between low and high.
fn steps(x: f32, i: f32, low: i32, high: i32) -> i32 {
  return clamp(i32(round(x * i)), low, high);
}
