fn sync() -> bool { workgroupBarrier(); return true; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) { let b = l > 2 && sync(); }
// error 2:97 the call of sync must be in uniform control flow (for 1:21), but it depends on local_invocation_index (2:70), which differs between invocations
