// in 0.1: -5 7 -2147483648
// expect 0.0: 5 7 0x80000000 0xfffffffb 0x40a00000 5 0x3fc00000 0
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = u32(abs(inp[0])); out[1] = u32(abs(inp[1])); out[2] = u32(abs(inp[2])); out[3] = abs(u32(inp[0])); out[4] = bitcast<u32>(abs(f32(inp[0]))); out[5] = u32(abs(vec2i(inp[0], inp[1])).x); out[6] = bitcast<u32>(abs(vec3f(-1.5, f32(inp[0]), 0)).x); out[7] = bitcast<u32>(abs(-0.0f * f32(inp[1])));
}
