// in 0.1: 0.5 2.0
// expect 0.0: 3.5 1.5 0.0 1.5 1.5 2.5 1.25 5.5
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let a = inp[0]; let b = inp[1]; out[0] = abs(-a) + ceil(a) + floor(b); out[1] = clamp(b, a, 1.5); out[2] = degrees(0 * a); out[3] = distance(a, b); out[4] = fma(a, b, a); out[5] = max(a, b) + min(a, b); out[6] = mix(a, b, a); out[7] = saturate(b) + sign(-b) + step(a, b) + trunc(b) + fract(a) + round(a) + sqrt(b * b); }
