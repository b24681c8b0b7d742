// expect 0.0: 0xffffffff 0 0x7fffffff 0x80000000 0xffffff00 0 0 0x7fffffff 0x80000000 0x80000000
// in 0.1: 1e20 -1e20 4294967040.0 -0.9 2147483648.0 -2147483648.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = u32(inp[0]); out[1] = u32(inp[1]); out[2] = u32(i32(inp[0])); out[3] = u32(i32(inp[1])); out[4] = u32(inp[2]);
  out[5] = u32(inp[3]); out[6] = u32(i32(inp[3])); out[7] = u32(i32(inp[4])); out[8] = u32(inp[4]); out[9] = u32(i32(inp[5]));
}
