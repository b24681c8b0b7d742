// in 0.0: 1 2 3 4 5 6 7 8
// expect 0.0: 1 3 6 10 15 21 28 36
@group(0) @binding(0) var<storage, read_write> x: array<u32, 8>;
var<workgroup> t: array<array<u32, 8>, 2>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  var src = 0u;
  t[0][i] = x[i];
  for (var d = 1u; d < 8u; d <<= 1u) {
    workgroupBarrier();
    var v = t[src][i];
    if (i >= d) { v += t[src][i - d]; }
    src = 1u - src;
    t[src][i] = v;
  }
  workgroupBarrier();
  x[i] = t[src][i];
}
