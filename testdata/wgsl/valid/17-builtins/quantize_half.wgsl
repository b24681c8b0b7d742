// expect 0.0: 1.0 0.099975586 65504.0 1.0 0.099975586
// in 0.1: 1.0 0.1 65504.0 1.00048828125
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = quantizeToF16(inp[0] + 0.0001); out[1] = quantizeToF16(inp[1]); out[2] = quantizeToF16(vec2f(inp[2], inp[3])).x; out[3] = quantizeToF16(vec3f(inp[3])).y; const c = quantizeToF16(0.1); out[4] = c; }
