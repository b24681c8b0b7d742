// in 0.1: 0x01ff807f 0x02030405 0xffffffff
// expect 0.0: 122 1914 4 260100 0xfffffff6 0
requires packed_4x8_integer_dot_product;
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = u32(dot4I8Packed(inp[0], inp[1])); out[1] = dot4U8Packed(inp[0], inp[1]); out[2] = u32(dot4I8Packed(inp[2], inp[2])); out[3] = dot4U8Packed(inp[2], inp[2]); const c = dot4I8Packed(0x01020304u, 0xffffffffu); out[4] = u32(c); out[5] = dot4U8Packed(0u, inp[0]); }
