// in 0.1: 0.0 1.0
// expect 0.0: 1.0 1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 2.7182817 1.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  let z = x[0]; let o = x[1];
  out[0] = exp(z); out[1] = exp2(z); out[2] = log(o); out[3] = log2(o); out[4] = sin(z); out[5] = cos(z); out[6] = tan(z); out[7] = tanh(z);
  out[8] = asin(z); out[9] = acos(o); out[10] = atan(z); out[11] = cosh(z); out[12] = sinh(z); out[13] = asinh(z); out[14] = acosh(o) + atanh(z);
  out[15] = exp(o); out[16] = inverseSqrt(o);
}
