// in 0.1: -16 1 -1
// expect 0.0: -4 -2147483648 -1 -16 -8 -4
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() { out[0] = inp[0] >> 2u; out[1] = inp[1] << 31u; out[2] = inp[2] >> 31u; out[3] = inp[2] << 4u; out[4] = (vec2i(inp[0], 5) >> vec2u(1, 1)).x; out[5] = -16 >> 2u; }
