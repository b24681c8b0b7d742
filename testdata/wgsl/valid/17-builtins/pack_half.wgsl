// in 0.1: 1.0 -2.5 65504.0 0.00006103515625 0.0
// expect 0.0: 0xc1003c00 67140607 0x3c000000 0xc0200000
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = pack2x16float(vec2f(inp[0], inp[1])); out[1] = pack2x16float(vec2f(inp[2], inp[3])); out[2] = pack2x16float(vec2f(inp[4], inp[0])); out[3] = bitcast<u32>(unpack2x16float(out[0]).y); }
