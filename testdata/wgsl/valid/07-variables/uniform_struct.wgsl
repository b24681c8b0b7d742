// in 0.1: 3 2.5 1.0 2.0 1.0 2.0 3.0 4.0 1 2 3 4 5 6 7 8
// expect 0.0: 7.5 7.0 7.0 8.0 4.0
struct P { n: u32, scale: f32, v: vec2f, m: mat2x2f, w: array<vec4u, 2> }
@group(0) @binding(1) var<uniform> p: P;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = f32(p.n) * p.scale; out[1] = (p.m * p.v).x; out[2] = f32(p.w[1].z); out[3] = f32(p.w[p.n - 2][p.n]); out[4] = p.m[1].y; }
