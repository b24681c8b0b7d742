// in 0.1: 0.5 2.0
// expect 0.0: 8.0 1.5 8.0 7.0 6.0 4.5 2.25 7.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let v = vec3f(inp[0], inp[1], 4); let w = v.zyx; out[0] = (abs(-v) + ceil(v) + floor(w)).z; out[1] = clamp(v, vec3f(1), vec3f(1.5)).y; out[2] = dot(v, w); out[3] = distance(v * 0, vec3f(2, 3, 6)); out[4] = fma(v, w, v).y; out[5] = (max(v, w) + min(v, w)).x; out[6] = mix(v, w, vec3f(0.5)).x; out[7] = (saturate(v) + sign(-w) + step(v, w) + trunc(v) + fract(v) + round(v) + sqrt(v * v)).y; }
