// in 0.1: 0x1 0x80000000 0xf0f0f0f0 0x12345678
// expect 0.0: 0x9d2c5680 1 0xe7b351e 0x1c88cd2b
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn parity(x: u32) -> u32 { return countOneBits(x) & 1; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { var r = 0u; for (var k = 0u; k < 32; k++) { r |= parity(inp[i] & (0x9d2c5680u >> k)) << k; } out[i] = r; }
