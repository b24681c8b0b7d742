// in 0.1: 7 -7 2 0 0x80000000 -1 3
// expect 0.0: 9 5 14 3 1 -3 -1 7 0 0x80000000 0 5 -3 0x80000000 0
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@group(0) @binding(1) var<storage, read> x: array<i32>;
@compute @workgroup_size(1) fn main() {
  out[0] = x[0] + x[2]; out[1] = x[0] - x[2]; out[2] = x[0] * x[2]; out[3] = x[0] / x[2]; out[4] = x[0] % x[2];
  out[5] = x[1] / x[2]; out[6] = x[1] % x[2]; out[7] = x[0] / x[3]; out[8] = x[0] % x[3];
  out[9] = x[4] / x[5]; out[10] = x[4] % x[5]; out[11] = i32(u32(x[0]) / u32(x[2]) + u32(x[2]));
  out[12] = -x[6]; out[13] = -x[4]; out[14] = x[4] + x[4];
}
