var<workgroup> w: array<u32, 4>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) {
  for (var i = 0u; i < 4; i++) { if (i == l) { break; } workgroupBarrier(); }
}
// error 3:57 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (2:70), which differs between invocations
