// The activation that is applied to each element before it is stored: 0 none, 1 relu, 2 gelu, 3 silu, 4 tanh, 5 sigmoid.
override activation: u32 = 0;

fn activated(x: f32) -> f32 {
  switch (activation) {
    case 1: { return activation_relu(x); }
    case 2: { return activation_gelu(x); }
    case 3: { return activation_silu(x); }
    case 4: { return activation_tanh(x); }
    case 5: { return activation_sigmoid(x); }
    default: { return x; }
  }
}
