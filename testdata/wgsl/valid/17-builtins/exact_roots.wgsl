// in 0.1: 4.0 9.0 0.25 1.0 0.0
// expect 0.0: 2.0 3.0 0.5 2.0 0.0 1.5 1.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = sqrt(inp[0]); out[1] = sqrt(vec2f(inp[1], inp[2])).x; out[2] = inverseSqrt(inp[0]); out[3] = inverseSqrt(vec3f(inp[2])).y; out[4] = sqrt(inp[4]); out[5] = sqrt(inp[3]) + sqrt(inp[2]); out[6] = inverseSqrt(inp[3]); }
