// in 0.1: 0x00f0 -8 0 1 0x80000000
// expect 0.0: 24 4 4 0x0f000000 7 -1 2 31 0 3 8 32 -1 -1 31 0x80000000 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@compute @workgroup_size(1) fn main() {
  out[0] = countLeadingZeros(x[0]); out[1] = countTrailingZeros(x[0]); out[2] = countOneBits(x[0]); out[3] = reverseBits(x[0]);
  out[4] = firstLeadingBit(x[0]); out[5] = firstLeadingBit(x[2]); out[6] = u32(firstLeadingBit(bitcast<i32>(x[1]))); out[7] = firstLeadingBit(x[1]);
  out[8] = firstTrailingBit(x[3]); out[9] = firstTrailingBit(x[1]); out[10] = u32(abs(bitcast<i32>(x[1]))); out[11] = countLeadingZeros(x[2]);
  out[12] = u32(sign(i32(x[1]))); out[13] = firstTrailingBit(x[2]); out[14] = firstTrailingBit(x[4]); out[15] = u32(abs(i32(x[4]))); out[16] = min(x[4], x[2]);
}
