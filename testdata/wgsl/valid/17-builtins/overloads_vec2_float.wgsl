// in 0.1: 0.5 2.0
// expect 0.0: 3.5 1.5 2.0 5.0 3.0 2.5 1.25 6.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let v = vec2f(inp[0], inp[1]); let w = v.yx; out[0] = (abs(-v) + ceil(v) + floor(w)).x; out[1] = clamp(v, vec2f(1), vec2f(1.5)).y; out[2] = dot(v, w); out[3] = distance(v * 0, vec2f(3, 4)); out[4] = fma(v, w, v).y; out[5] = (max(v, w) + min(v, w)).x; out[6] = mix(v, w, vec2f(0.5)).x; out[7] = (saturate(v) + sign(-w) + step(v, w) + trunc(v) + fract(v) + round(v) + sqrt(v * v)).y; }
