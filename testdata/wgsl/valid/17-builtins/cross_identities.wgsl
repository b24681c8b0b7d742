// in 0.1: 1.0 2.0 3.0
// expect 0.0: 0.0 0.0 0.0 0.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let a = vec3f(inp[0], inp[1], inp[2]); let b = vec3f(4, 5, 6); let c = cross(a, b); out[0] = dot(c, a); out[1] = dot(c, b); out[2] = length(cross(a, a)); out[3] = c.y + cross(b, a).y; }
