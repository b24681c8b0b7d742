// in 0.1: 1.0 2.0 3.0 4.0 1.0 2.0 3.0 0.0 4.0 5.0 6.0 0.0 7.0 8.0 9.0 0.0 10.0 11.0 12.0 13.0 14.0 15.0 16.0 17.0 99.0 0.0 0.0 0.0
// expect 0.0: 3.0 8.0 16.0 99.0 3.0 5.0
struct S { a: mat2x2f, b: mat3x3f, c: mat2x4f, d: f32 }
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read_write> s: S;
@compute @workgroup_size(1)
fn main() { out[0] = s.a[1].x; out[1] = s.b[2].y; out[2] = s.c[1].z; out[3] = s.d; s.b[1] = s.b[0]; let m = s.b; out[4] = m[1].z; var i = 1; s.c[i][i] = 5; out[5] = s.c[1].y; }
