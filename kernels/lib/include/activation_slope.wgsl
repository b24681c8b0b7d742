// Slopes of the activation functions, as they are written in activation.wgsl. NaN gives NaN. Factors are of the domain
// (domain.wgsl), terms of that of sums (addend.wgsl).

// Of 1 / (1 + exp(-x)): e / (1 + e)^2 for e = exp(-|x|), with full relative accuracy on both sides.
fn sigmoid_slope(x: f32) -> f32 {
  let e = exp(-abs(x));
  let d = domain(1.0 + e);
  return e / (d * d);
}

// Of x sigmoid(z), where the slope of z is dz.
fn gated_slope(x: f32, z: f32, dz: f32) -> f32 {
  let s = sigmoid_slope(z);
  return addend(activation_sigmoid(z)) + select(0.0, domain(domain(x) * domain(s)) * domain(dz), s > 0.0);
}

fn activation_slope(x: f32) -> f32 {
  switch (activation) {
    case 1: { return select(0.0, 1.0, x > 0.0); }
    case 2: {
      let v = domain(x);
      let s = v * v;
      return gated_slope(v, v * domain(1.5957691216057308 + 0.07135481628258446 * s), 1.5957691216057308 + 0.21406444884775338 * domain(s));
    }
    case 3: { return gated_slope(x, x, 1.0); }
    case 4: { return 4.0 * domain(sigmoid_slope(2.0 * domain(x))); }
    case 5: { return sigmoid_slope(x); }
    default: { return 1.0; }
  }
}
