// in 0.1: -2.5 0.0 3.0
// expect 0.0: 0xbf800000 0 0x3f800000 0xffffffff 0 0xffffffff 0x3f800000
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = bitcast<u32>(sign(inp[0])); out[1] = bitcast<u32>(sign(inp[1])); out[2] = bitcast<u32>(sign(inp[2])); out[3] = u32(sign(i32(inp[0]))); out[4] = u32(sign(i32(inp[1]))); out[5] = u32(sign(vec2i(i32(inp[2]), -9)).y); out[6] = bitcast<u32>(sign(vec3f(inp[0], inp[1], inp[2])).z); }
