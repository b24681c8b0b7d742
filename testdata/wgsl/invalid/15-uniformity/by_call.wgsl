fn sync() { storageBarrier(); }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) {
  switch l { case 1 { sync(); } default { } }
}
// error 3:23 the call of sync must be in uniform control flow (for 1:13), but it depends on local_invocation_index (2:70), which differs between invocations
