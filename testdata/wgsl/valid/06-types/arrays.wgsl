// expect 0.0: 6 10 20 30 0 60 9
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const N = 3;
alias Row = array<u32, N>;
@compute @workgroup_size(1) fn main() {
  let c = array(1u, 2, 3);
  out[0] = c[0] + c[1] + c[2];
  var r: Row;
  for (var i = 0u; i < N; i++) { r[i] = (i + 1) * 10; }
  out[1] = r[0]; out[2] = r[1]; out[3] = r[2];
  var z = Row(); out[4] = z[2];
  var sum = 0u;
  for (var i = 0; i < N; i++) { sum += r[i]; }
  out[5] = sum;
  let grid = array<array<u32, 2>, 2>(array(7, 8), array(9, 10));
  var k = 1u;
  out[6] = grid[k][k - 1];
}
