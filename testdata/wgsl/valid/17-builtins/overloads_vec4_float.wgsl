// in 0.1: 0.5 2.0
// expect 0.0: 10.0 1.5 17.0 2.0 10.0 1.5 0.75 7.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let v = vec4f(inp[0], inp[1], 4, 1); let w = v.wzyx; out[0] = (abs(-v) + ceil(v) + floor(w)).z; out[1] = clamp(v, vec4f(1), vec4f(1.5)).y; out[2] = dot(v, w); out[3] = distance(v * 0, vec4f(1, 1, 1, 1)); out[4] = fma(v, w, v).y; out[5] = (max(v, w) + min(v, w)).x; out[6] = mix(v, w, 0.5).x; out[7] = (saturate(v) + sign(-w) + step(v, w) + trunc(v) + fract(v) + round(v) + sqrt(v * v)).y; }
