// in 0.1: 0.0 1.0 3.0 8.0 -2.0
// expect 0.0: 1.0 8.0 0.25 0.0 3.0 0.0 2.0 2.0 1.0 8.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = exp(inp[0]); out[1] = exp2(inp[2]); out[2] = exp2(inp[4]); out[3] = log(inp[1]); out[4] = log2(inp[3]); out[5] = log2(inp[1]); out[6] = exp2(vec2f(inp[0], inp[1])).y; out[7] = log2(vec4f(inp[3], 1, 2, 4)).w; out[8] = pow(inp[1], inp[2]); out[9] = pow(vec2f(2, 4), vec2f(inp[2], 0.5)).x; }
