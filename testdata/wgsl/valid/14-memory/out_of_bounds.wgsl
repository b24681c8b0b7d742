// in 0.1: 1 2 3 4
// in 0.2: 4 -1 0x40000000 3
// expect 0.0: 0 0 0 4 0 0 0 0
// expect 0.1: 1 2 3 9
@group(0) @binding(0) var<storage, read_write> out: array<u32, 8>;
@group(0) @binding(1) var<storage, read_write> x: array<u32>;
@group(0) @binding(2) var<storage, read> i: array<i32, 4>;
var<workgroup> w: array<array<u32, 4>, 2>;
@compute @workgroup_size(1) fn main() {
  out[0] = x[i[0]]; out[1] = x[i[1]]; out[2] = x[i[2]]; out[3] = x[i[3]];
  x[i[0]] = 77; x[i[1]] = 77; x[i[3]] = 9; out[i[0] + 4] = 77;
  w[0][i[0]] = 5; out[4] = w[1][0]; w[i[0]][0] = 6; out[5] = w[i[3]][i[3]];
  var p: array<u32, 3>; p[i[3]] = 8; out[6] = p[0] + p[1] + p[2]; out[7] = p[i[1]];
}
