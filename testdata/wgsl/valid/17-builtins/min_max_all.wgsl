// in 0.1: -5 7 3
// expect 0.0: 0xfffffffb 7 7 0xfffffffb 0xc0a00000 0x3f800000 1 3 0xc0a00000 3 8 0xbf800000
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = u32(min(inp[0], inp[1])); out[1] = u32(max(inp[0], inp[1])); out[2] = min(u32(inp[0]), u32(inp[1])); out[3] = max(u32(inp[0]), u32(inp[1])); out[4] = bitcast<u32>(min(f32(inp[0]), f32(inp[1]))); out[5] = bitcast<u32>(max(f32(inp[0]), 1));
  out[6] = u32(min(vec2i(inp[0], inp[1]), vec2i(1)).y); out[7] = max(vec3u(1, 2, 3), vec3u(u32(inp[2]))).x; out[8] = bitcast<u32>(min(vec4f(1), vec4f(f32(inp[0]))).w); out[9] = u32(clamp(inp[1], inp[0], inp[2])); out[10] = clamp(u32(inp[1]), 8, 9); out[11] = bitcast<u32>(clamp(vec2f(f32(inp[0]), 2), vec2f(-1), vec2f(1)).x);
}
