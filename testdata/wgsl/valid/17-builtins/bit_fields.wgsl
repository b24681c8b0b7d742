// in 0.1: 0xabcd1234 4 8 32 0
// expect 0.0: 0x23 0xffffffab 0xabcd1234 0 0xabcdff34 0xabcd1234 0xb 0xff
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@compute @workgroup_size(1) fn main() {
  out[0] = extractBits(x[0], x[1], x[2]); out[1] = u32(extractBits(i32(x[0]), 24u, x[2])); out[2] = extractBits(x[0], x[4], x[3]);
  out[3] = extractBits(x[0], x[1], x[4]); out[4] = insertBits(x[0], 0xffu, x[2], x[2]); out[5] = insertBits(x[0], 0u, x[3], x[2]);
  out[6] = extractBits(x[0], 24u, 4u); out[7] = insertBits(x[4], 0xffffu, 0u, x[2]);
}
