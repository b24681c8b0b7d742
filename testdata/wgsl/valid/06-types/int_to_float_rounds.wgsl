// in 0.1: 16777217 16777219 4294967295 2147483777 0x80000001
// expect 0.0: 0x4b800000 0x4b800002 0x4f800000 0x4f000001 0x4b800000 0xcb800002 0xcf000000
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = bitcast<u32>(f32(inp[0])); out[1] = bitcast<u32>(f32(inp[1])); out[2] = bitcast<u32>(f32(inp[2])); out[3] = bitcast<u32>(f32(inp[3]));
  out[4] = bitcast<u32>(f32(i32(inp[0]))); out[5] = bitcast<u32>(f32(-i32(inp[1]))); out[6] = bitcast<u32>(f32(bitcast<i32>(inp[4])));
}
