// in 0.1: 7 -7 2 -2 -2147483648 -1 0
// expect 0.0: 3 -3 -3 1 -1 1 -1 -2147483648 0 7 0 7 0 4294967
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = inp[0] / inp[2]; out[1] = inp[1] / inp[2]; out[2] = inp[0] / inp[3]; out[3] = inp[0] % inp[2]; out[4] = inp[1] % inp[2]; out[5] = inp[0] % inp[3]; out[6] = inp[1] % inp[3];
  out[7] = inp[4] / inp[5]; out[8] = inp[4] % inp[5]; out[9] = inp[0] / inp[6]; out[10] = inp[0] % inp[6]; out[11] = i32(7u / u32(inp[6])); out[12] = i32(7u % u32(inp[6])); out[13] = i32(u32(inp[1]) / 1000u);
}
