@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) {
  if (l == 0) { workgroupBarrier(); }
}
// error 2:17 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:70), which differs between invocations
