// in 0.1: 1.0 -1.0 0.0
// expect 0.0: 1.0 1.0 0.0 -1.0 0.0 0.0 -1.0 1.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let i = vec2f(inp[0], inp[1]); let n = vec2f(inp[2], inp[0]); let r = reflect(i, n); out[0] = r.x; out[1] = r.y; let t = refract(vec2f(0, -1) * inp[0], n, 1.0); out[2] = t.x; out[3] = t.y; let k = refract(normalize(i), n, 4 * inp[0]); out[4] = k.x; out[5] = k.y; out[6] = faceForward(vec3f(inp[0]), vec3f(1), vec3f(1)).x; out[7] = faceForward(vec3f(inp[0]), vec3f(-1), vec3f(1)).x; }
