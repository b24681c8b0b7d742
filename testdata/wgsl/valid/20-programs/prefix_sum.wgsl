// in 0.1: 3 1 4 1 5 9 2 6
// expect 0.0: 0 3 4 8 9 14 23 25
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> t: array<u32, 8>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  t[i] = inp[i]; var gap = 1u;
  for (var d = 4u; d > 0; d >>= 1u) { workgroupBarrier(); if i < d { let a = gap * (2 * i + 1) - 1; let b = gap * (2 * i + 2) - 1; t[b] += t[a]; } gap *= 2; }
  if i == 0 { t[7] = 0; }
  for (var d = 1u; d < 8; d *= 2) { gap >>= 1u; workgroupBarrier(); if i < d { let a = gap * (2 * i + 1) - 1; let b = gap * (2 * i + 2) - 1; let x = t[a]; t[a] = t[b]; t[b] += x; } }
  workgroupBarrier(); out[i] = t[i];
}
