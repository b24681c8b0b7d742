// in 0.1: 0x12345678 4 8 40 0
// expect 0.0: 103 1 0xffffffff 0 19088743 0 0x12345ff8 0x12345678 0xc0000000 0x12345678 169 240
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let x = inp[0]; out[0] = extractBits(x, inp[1], inp[2]); out[1] = u32(extractBits(i32(x), 28u, 4u)); out[2] = u32(extractBits(i32(0xf0u | inp[4]), 4u, 4u)); out[3] = extractBits(x, inp[3], 4u); out[4] = extractBits(x, inp[1], inp[3]); out[5] = extractBits(x, 3u, inp[4]);
  out[6] = insertBits(x, 0xffu, inp[1], inp[2]); out[7] = insertBits(x, 0xffu, inp[3], 4u); out[8] = insertBits(0u, 0xffffffffu, 30u, inp[3]); out[9] = insertBits(x, 1u, 3u, inp[4]); out[10] = extractBits(vec2u(x, ~x), 8, 8).y; out[11] = u32(insertBits(vec2i(0), vec2i(-1), inp[1], 4u).y);
}
