// in 0.1: 5.5 -5.5 2.0 -2.0 0.25
// expect 0.0: 1.5 -1.5 1.5 -1.5 0.5 -2.5
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = inp[0] % inp[2]; out[1] = inp[1] % inp[2]; out[2] = inp[0] % inp[3]; out[3] = inp[1] % inp[3]; out[4] = inp[0] % 1; out[5] = (vec2f(inp[0], inp[1]) % vec2f(inp[4], 3)).y; }
