// in 0.1: 12 0xff
// expect 0.0: 8 28 2 7 2 0x80000000
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let v = vec3u(inp[0], inp[1], 1); out[0] = countOneBits(v).y; out[1] = countLeadingZeros(v).x; out[2] = countTrailingZeros(v).x; out[3] = firstLeadingBit(v).y; out[4] = firstTrailingBit(v).x; out[5] = reverseBits(v).z; }
