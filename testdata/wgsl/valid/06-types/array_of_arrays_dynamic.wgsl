// in 0.1: 1 2 0
// expect 0.0: 5 6 5 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var a: array<array<array<u32, 2>, 3>, 2>; let i = inp[0]; let j = inp[1]; let k = inp[2];
  a[i][j][k] = 5; a[k][j][i] = 6; let row = a[i]; out[0] = row[j][k]; out[1] = a[0][2][1]; a[k] = a[i]; out[2] = a[0][j][0]; out[3] = a[k][j][i];
}
