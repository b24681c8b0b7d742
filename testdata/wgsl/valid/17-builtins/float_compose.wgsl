// in 0.1: 0.5 2.0 3.0 0.25
// expect 0.0: 1.25 0.0 1.0 0.5 180.0 3.1415927 8.0 0x3fddb3d7 9.0 1.0 2.25 nan 1.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  out[0] = mix(x[0], x[1], x[0]); out[1] = step(x[1], x[0]); out[2] = step(x[0], x[1]); out[3] = smoothstep(0, 1, x[0]);
  out[4] = degrees(f32(3.14159265) * f32(x[1] * 0.5)); out[5] = radians(x[1] * 90); out[6] = exp2(x[2]); out[7] = sqrt(x[2]);
  out[8] = exp2(log2(x[1])) * 4.5; out[9] = pow(x[3], 0.0 * x[0]); out[10] = mix(vec2f(x[1], 0), vec2f(x[2], 1), x[3]).x; out[11] = pow(-x[1], x[1]); out[12] = pow(x[1], x[1]) * x[3];
}
