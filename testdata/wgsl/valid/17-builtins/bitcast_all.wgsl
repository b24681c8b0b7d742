// in 0.1: 0x3f800000 0xffffffff 0x7fc12345
// expect 0.0: 1 1 0xffffffff 2 0xffffffff 0x40800000 0x3f800000 6 0x3f800000 3141
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = u32(bitcast<f32>(inp[0])); out[1] = u32(bitcast<i32>(inp[1]) < 0); out[2] = bitcast<u32>(bitcast<i32>(inp[1])); let v = bitcast<vec2f>(vec2u(inp[0], 0x40000000)); out[3] = u32(v.y); out[4] = bitcast<vec3u>(vec3i(-1, 2, 3)).x; out[5] = bitcast<vec4u>(vec4f(1, 2, 3, 4)).w; out[6] = bitcast<u32>(bitcast<u32>(inp[0]));
  out[7] = bitcast<vec2u>(vec2u(5, 6)).y; out[8] = u32(bitcast<vec2i>(vec2f(1)).x); const c = bitcast<f32>(0x40490fdb); out[9] = u32(c * 1000);
}
