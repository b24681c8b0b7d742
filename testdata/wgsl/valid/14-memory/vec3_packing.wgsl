// in 0.1: 1.0 2.0 3.0 4.0 5.0 6.0 7.0 0.0 8.0 9.0 10.0 0.0
// expect 0.0: 4.0 7.0 8.0 9.0 10.0
struct S { a: vec3f, b: f32, c: vec3f, d: vec2f, e: f32 }
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> s: S;
@compute @workgroup_size(1)
fn main() { out[0] = s.b; out[1] = s.c.z; out[2] = s.d.x; out[3] = s.d.y; out[4] = s.e; }
