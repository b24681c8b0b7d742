// in 0.1: 3.0 4.0 -5.0
// expect 0.0: 5.0 5.0 5.0 8.0 0.0 1.0 7.0 6.0 1.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = length(vec2f(inp[0], inp[1])); out[1] = length(inp[2]); out[2] = distance(vec2f(inp[0], 0), vec2f(0, inp[1])); out[3] = distance(inp[0], inp[2]); let n = normalize(vec2f(0, inp[1])); out[4] = n.x; out[5] = n.y; out[6] = length(vec3f(2, inp[0], 6)); out[7] = length(vec4f(1, 1, 1, 1) * inp[0]); out[8] = normalize(vec4f(0, 0, 0, inp[0])).w; }
