// in 0.1: 1.0 2.0
// expect 0.0: 4.0 8.0 4.0 0.0 1.0 4.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { var m = mat3x3f(inp[0], 0, 0, 0, inp[1], 0, 0, 0, 1); var v = vec3f(1, 2, 3); v = m * v; out[0] = v.y; v = v * m; out[1] = v.y; m = m * m; out[2] = m[1][1]; let n = m - m; out[3] = n[1][1]; m = 0.5 * m * 2; out[4] = m[0][0]; out[5] = (mat2x2f(1, 2, 3, 4) * mat2x2f(0, 1, 1, 0))[0].y; }
