// in 0.1: 0.0 1.0 -1.0 0.5 2.0 -2.0
// expect 0.0: 0x8000ff00 0x40817f00 65535 0x80017fff 16711935 33151 65535 0x80017fff
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec4f(inp[0], inp[1], inp[2], inp[3]); out[0] = pack4x8unorm(v); out[1] = pack4x8snorm(v); out[2] = pack2x16unorm(v.yx); out[3] = pack2x16snorm(v.yz); out[4] = pack4x8unorm(vec4f(inp[4], inp[5], inp[4], 0)); out[5] = pack4x8snorm(vec4f(inp[4], inp[5], 0, 0)); out[6] = pack2x16unorm(vec2f(inp[4], inp[5])); out[7] = pack2x16snorm(vec2f(inp[4], inp[5]));
}
