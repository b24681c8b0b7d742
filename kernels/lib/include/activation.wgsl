// Activation functions. Each is the chain of operations written here; exp and tanh are correctly rounded, NaN gives NaN.
// Factors are of the domain (domain.wgsl).

fn activation_relu(x: f32) -> f32 {
  return select(0.0, x, x > 0.0);
}

// 1 / (1 + exp(-x)), without overflow and with full relative accuracy where it is near 0.
fn activation_sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

// -Inf gives NaN.
fn activation_silu(x: f32) -> f32 {
  return domain(x) * domain(activation_sigmoid(x));
}

// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), which is x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)). -Inf gives NaN.
fn activation_gelu(x: f32) -> f32 {
  let v = domain(x);
  return v * domain(activation_sigmoid(v * domain(1.5957691216057308 + 0.07135481628258446 * (v * v))));
}

fn activation_tanh(x: f32) -> f32 {
  return tanh(x);
}
