// in 0.1: 180.0 0.0
// expect 0.0: 3.1415927 180.0 0.0 0.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = radians(inp[0]); out[1] = degrees(3.1415927 + inp[1]); out[2] = radians(vec2f(inp[1])).x; out[3] = degrees(vec3f(inp[1])).z; }
