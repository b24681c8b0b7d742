// in 0.1: 2.5 -2.5 3.5 0.5 -0.5 2.3 -2.7 8388609.0
// expect 0.0: 0x40000000 0xc0000000 0x40800000 0 0x80000000 0x40000000 0xc0400000 0x40000000 0xc0400000 0x40400000 0 0xbf800000 0x40000000 0xc0400000 0x40400000 0xc0000000 0x40800000 0x3f800000 0x80000000 0x40400000 0xc0000000 0x40000000 0xc0000000 0x40400000 0 0x80000000 0x40000000 0xc0000000 0x4b000001 0x40400000
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  for (var i = 0u; i < 7; i++) { let x = inp[i]; out[i] = bitcast<u32>(round(x)); out[i + 7] = bitcast<u32>(floor(x)); out[i + 14] = bitcast<u32>(ceil(x)); out[i + 21] = bitcast<u32>(trunc(x)); }
  out[28] = bitcast<u32>(round(inp[7])); out[29] = bitcast<u32>((floor(vec2f(inp[5], inp[6])) + ceil(vec2f(inp[5])) + trunc(vec2f(1.5)) + round(vec2f(1.5))).y);
}
