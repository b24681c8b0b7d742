// in 0.1: 7 3 9 1 8 2 6 5
// expect 0.0: 1 2 3 5 6 7 8 9
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> t: array<u32, 8>;
fn order(i: u32, j: u32, up: bool) { if j > i { let a = t[i]; let b = t[j]; if (a > b) == up { t[i] = b; t[j] = a; } } }
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  t[i] = inp[i]; workgroupBarrier();
  for (var k = 2u; k <= 8; k <<= 1u) { for (var j = k >> 1u; j > 0; j >>= 1u) { order(i, i ^ j, (i & k) == 0); workgroupBarrier(); } }
  out[i] = t[i];
}
