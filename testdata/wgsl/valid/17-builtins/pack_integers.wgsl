// in 0.1: -1 127 -128 300
// expect 0.0: 0x2c807fff 0x2c807fff 0x7f807fff 0xffff7fff 0xffffff7f 44
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let v = vec4i(inp[0], inp[1], inp[2], inp[3]); out[0] = pack4xI8(v); out[1] = pack4xU8(vec4u(v)); out[2] = pack4xI8Clamp(v); out[3] = pack4xU8Clamp(vec4u(v)); out[4] = u32(unpack4xI8(out[0]).x) + u32(unpack4xI8(out[0]).z); out[5] = unpack4xU8(out[1]).w;
}
