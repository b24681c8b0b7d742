// in 0.1: -2.5 2.5 0.25 -0.0 nan 3.5 1e-45
// expect 0.0: 2.5 -3.0 -2.0 -2.0 -2.0 0.5 -1.0 1.0 0.0 0.25 1.0 0.5 0.0 2.5 -2.5 -2.5 2.0 4.0 2.5 0.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  out[0] = abs(x[0]); out[1] = floor(x[0]); out[2] = ceil(x[0]); out[3] = trunc(x[0]); out[4] = round(x[0]); out[5] = fract(x[0]);
  out[6] = sign(x[0]); out[7] = sign(x[1]); out[8] = sign(x[3]); out[9] = saturate(x[2]); out[10] = saturate(x[1]); out[11] = sqrt(x[2]);
  out[12] = saturate(x[0]); out[13] = max(x[0], x[1]); out[14] = min(x[0], x[1]); out[15] = min(x[4], x[0]); out[16] = clamp(x[1], 0, 2); out[17] = round(x[5]);
  out[18] = select(x[0], x[1], x[2] > 0); out[19] = sign(x[4]);
}
