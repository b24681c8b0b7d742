// in 0.1: 1.5 0.1 0.2 -7.5 2.0 0.0 nan inf
// expect 0.0: 0.3 0.15 -1.5 inf nan -1.5 -0.0 -0.1 3.0 0x7fc00000 1.4e-45
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  out[0] = x[1] + x[2] ; out[1] = x[0] * x[1]; out[2] = x[3] % x[4]; out[3] = x[0] / x[5]; out[4] = x[5] / x[5];
  out[5] = x[3] - x[4] * trunc(x[3] / x[4]); out[6] = -x[5]; out[7] = x[1] - x[2];
  out[8] = fma(x[0], x[4], x[5]); out[9] = x[7] - x[7]; out[10] = 1e-45;
}
