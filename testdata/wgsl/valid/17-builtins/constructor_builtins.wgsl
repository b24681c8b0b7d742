// expect 0.0: 8 2 7 2 1 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = u32(u32(3)) + u32(i32(4)) + u32(bool(1)); out[1] = vec2<u32>(vec2<u32>(1, 2)).y; out[2] = u32(f32(7)); out[3] = array<u32, 2>(1, 2)[1]; out[4] = u32(mat2x2<f32>(1, 0, 0, 1)[1][1]); out[5] = vec4<u32>(vec2(1, 2), vec2(3, 4)).w; }
