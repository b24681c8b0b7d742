@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) {
  var go = false;
  if (l > 1) { go = true; }
  if (go) { workgroupBarrier(); }
}
// error 4:13 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:70), which differs between invocations
