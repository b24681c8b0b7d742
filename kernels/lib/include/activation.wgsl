// Activation functions. Each is the chain of operations written here; tanh is correctly rounded, NaN gives NaN. Factors are of
// the domain (domain.wgsl). No number on the way is subnormal, and hardware that flushes them needs no guard.

fn activation_relu(x: f32) -> f32 {
  return select(0.0, x, x > 0.0);
}

// What sigmoids are made of: e = 2^(-t / 2^23) and r = 1 / (1 + e), within 1.7 and 1.1 times 2^-23 of their size; e is 0 if far.
// t is below 2^29.
struct Gate { e: f32, r: f32 }

// e is a power of two times 2^-f, 0 <= f < 1: a polynomial in g, which is f - 1/2 in units of 2^-23. Its coefficients are those
// with the least greatest relative error, 9.3e-8, among the ones that are right at both ends (found by exchange of the extrema),
// each then rounded. r comes from a straight line by three steps of Newton's; integer minima and maxima hold it and d = 1 + e
// where they belong.
fn activation_gate(t: u32, far: bool) -> Gate {
  let g = f32(i32(t & 0x7fffff) - 0x400000);
  let q = 0x1.5be054p-49 + g * (-0x1.418820p-74 + g * (0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
  let p = 0x1.6a09e8p-1 + g * (-0x1.f5e45ap-25 + g * q);
  let e = select(p * bitcast<f32>(0x3f800000 - (t & 0x1f800000)), 0.0, far);
  let bits = clamp(bitcast<u32>(1.0 + e), 0x3f800000, 0x40000000);
  let d = bitcast<f32>(bits);
  let r0 = bitcast<f32>(0x7ef31000 - bits);
  let r1 = r0 * (2.0 - d * r0);
  let r2 = r1 * (2.0 - d * r1);
  let r3 = r2 + r2 * (1.0 - d * r2);
  return Gate(e, bitcast<f32>(clamp(bitcast<u32>(r3), 0x3f000000, 0x3f800000)));
}

// 1 / (1 + exp(-z)) where the gate is that of |z|, and z has the sign of x.
fn gated(g: Gate, x: f32) -> f32 {
  return select(g.r, g.e * g.r, bitcast<u32>(x) >= 0x80000000);
}

// The gate of |x|, far from 44.3 on. |x| in units of 2^-24 is m; times log2(e), in two parts of 16 bits, it is t.
fn sigmoid_gate(x: f32) -> Gate {
  let size = bitcast<u32>(x) & 0x7fffffff;
  let m = u32(i32(bitcast<f32>(clamp(size, 0x32800000, 0x42313333)) * 0x1p24));
  let high = m >> 15;
  let t = high * 23637 + ((high * 7573 + (m & 0x7fff) * 47274 + 0x8000) >> 16);
  return activation_gate(t, size >= 0x42313333);
}

// The gate of 2 sqrt(2/pi) (|x| + 0.044715 |x|^3), far from |x| = 7.625 on. The factors are times 2^23 log2(e).
fn gelu_gate(x: f32) -> Gate {
  let size = bitcast<u32>(x) & 0x7fffffff;
  let a = bitcast<f32>(clamp(size, 0x32800000, 0x40f40000));
  return activation_gate(u32(i32(a * (19312322.0 + 863550.5 * (a * a)))), size >= 0x40f40000);
}

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffff) > 0x7f800000;
}

// 1 / (1 + exp(-x)), 0 from -44.3 down.
fn activation_sigmoid(x: f32) -> f32 {
  return select(gated(sigmoid_gate(x), x), x + 1.0, is_nan(x));
}

// -Inf gives NaN.
fn activation_silu(x: f32) -> f32 {
  return domain(x) * gated(sigmoid_gate(x), x);
}

// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), which is x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)). -Inf gives NaN.
fn activation_gelu(x: f32) -> f32 {
  return domain(x) * gated(gelu_gate(x), x);
}

fn activation_tanh(x: f32) -> f32 {
  return tanh(x);
}
