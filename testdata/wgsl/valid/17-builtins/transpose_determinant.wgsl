// in 0.1: 1.0 2.0 3.0
// expect 0.0: 6.0 1.0 6.0 0.0 3.0 6.0 1.0 8.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let m = mat2x3f(inp[0], inp[1], inp[2], 4, 5, 6); let t = transpose(m); out[0] = t[2].y; out[1] = t[0].x; let s = mat3x3f(inp[0], 2, 3, 0, inp[1], 4, 0, 0, inp[2]); out[2] = determinant(s); out[3] = transpose(s)[0].z; out[4] = determinant(mat2x2f(inp[1], 1, 1, inp[1])); let b = mat4x4f(inp[1], 0, 0, 0, 0, inp[2], 0, 0, 0, 0, 1, 0, 1, 2, 3, 1); out[5] = determinant(b); out[6] = transpose(b)[0].w; out[7] = transpose(mat4x2f(1, 2, 3, 4, 5, 6, 7, 8))[1].w; }
