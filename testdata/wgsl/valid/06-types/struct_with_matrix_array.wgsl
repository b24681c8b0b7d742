// in 0.1: 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0
// expect 0.0: 6.0 7.0 46.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
struct S { m: array<mat2x2f, 2> }
@group(0) @binding(1) var<storage, read> s: S;
@compute @workgroup_size(1)
fn main() { var i = 1; let l = s; out[0] = s.m[i][0].y; out[1] = l.m[1][1].x; out[2] = (s.m[0] * s.m[i])[1].y; }
