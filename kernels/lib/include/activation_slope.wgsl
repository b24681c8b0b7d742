// Slopes of the activation functions, as they are written in activation.wgsl. NaN gives NaN. Factors are of the domain
// (domain.wgsl).

// Of 1 / (1 + exp(-z)): e / (1 + e)^2, with full relative accuracy on both sides.
fn gate_slope(g: Gate) -> f32 {
  return g.e * g.r * g.r;
}

fn sigmoid_slope(x: f32) -> f32 {
  return select(gate_slope(sigmoid_gate(x)), x + 1.0, is_nan(x));
}

// Of x sigmoid(z), where the slope of z is dz. Where the gate is far, what is infinite of x and dz does not count.
fn gated_slope(x: f32, g: Gate, dz: f32) -> f32 {
  return gated(g, x) + select(0.0, domain(domain(x) * gate_slope(g)) * domain(dz), g.e > 0.0 || is_nan(x));
}

fn activation_slope(x: f32) -> f32 {
  switch (activation) {
    case 1: { return select(0.0, 1.0, x > 0.0); }
    case 2: {
      let v = domain(x);
      return gated_slope(x, gelu_gate(x), 1.5957691216057308 + 0.21406444884775338 * domain(v * v));
    }
    case 3: { return gated_slope(x, sigmoid_gate(x), 1.0); }
    case 4: { return 4.0 * sigmoid_slope(2.0 * domain(x)); }
    case 5: { return sigmoid_slope(x); }
    default: { return 1.0; }
  }
}
