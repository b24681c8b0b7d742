// expect 0.0: 0x41b00000 0x40c00000 0x40c00000 0xc0000000
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const m = mat2x2f(1, 2, 3, 4); const p = m * m; const v = m * vec2f(1, 1); const t = transpose(mat2x3(1, 2, 3, 4, 5, 6)); const d = determinant(m);
@compute @workgroup_size(1)
fn main() { out[0] = bitcast<u32>(p[1][1]); out[1] = bitcast<u32>(v.y); out[2] = bitcast<u32>(f32(t[2].y)); out[3] = bitcast<u32>(d); }
