// expect 0.0: 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> t: array<u32, 4>;
fn odd(l: u32) -> u32 { if (l % 2 == 1) { return 1; } return 1 + l * 0; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) {
  var c = 0u;
  for (var i = 0u; i < l; i++) { c++; if (c > 100) { break; } }
  t[l] = odd(l);
  workgroupBarrier();
  switch l { case 0 { c = 1; } default { c = 2; } }
  workgroupBarrier();
  if (l == 0) { out[0] = t[0] + t[1] + t[2] + t[3]; }
}
