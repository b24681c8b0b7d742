// expect 0.0: 1 3 6 10 15 21 28 36
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> t: array<u32, 8>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  t[i] = i + 1; workgroupBarrier();
  for (var s = 1u; s < 8; s *= 2) { var x = t[i]; if i >= s { x += t[i - s]; } workgroupBarrier(); t[i] = x; workgroupBarrier(); }
  out[i] = t[i];
}
