// in 0.1: 0x00ff807f 0x12345678 0x7fff8001
// expect 0.0: 16744575 0x12345678 0x7fff8001 16744575 0x12345678 0x7fff8001 0 0 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { for (var i = 0; i < 3; i++) { let x = inp[i]; out[i] = pack4x8unorm(unpack4x8unorm(x)); out[i + 3] = pack2x16unorm(unpack2x16unorm(x)); out[i + 6] = pack4xU8(unpack4xU8(x)) ^ pack4xI8(unpack4xI8(x)); } }
