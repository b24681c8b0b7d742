// groups: 2
// in 0.1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
// expect 0.0: 36 100
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
const N = 8u;
var<workgroup> tile: array<u32, N>;
@compute @workgroup_size(N) fn main(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) w: vec3u) {
  tile[l] = x[w.x * N + l];
  workgroupBarrier();
  for (var s = N / 2; s > 0; s >>= 1u) {
    if (l < s) { tile[l] += tile[l + s]; }
    workgroupBarrier();
  }
  if (l == 0) { out[w.x] = tile[0]; }
}
