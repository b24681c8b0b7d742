// in 0.1: 0 1 0x00f0 0x80000000 0xffffffff
// expect 0.0: 0 1 4 1 32 32 31 24 0 0 32 0 4 31 0 0 0x80000000 0xf000000 1 0xffffffff 0xffffffff 0 7 31 31 0xffffffff 0 4 31 0 0xffffffff 0 7 30 0xffffffff 37
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  for (var i = 0u; i < 5; i++) { let x = inp[i]; let s = bitcast<i32>(x); out[i] = countOneBits(x); out[i + 5] = countLeadingZeros(x); out[i + 10] = countTrailingZeros(x); out[i + 15] = reverseBits(x); out[i + 20] = firstLeadingBit(x); out[i + 25] = firstTrailingBit(x); out[i + 30] = u32(firstLeadingBit(s)); }
  out[35] = u32((countOneBits(vec2i(7, -1)) + countLeadingZeros(vec2i(1, 2)) + reverseBits(vec2i(0, 0)) + firstTrailingBit(vec2i(8, 4))).x);
}
