fn sync() -> bool { workgroupBarrier(); return true; } @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if i == 0 || sync() { } }
// error 1:148 the call of sync must be in uniform control flow (for 1:21), but it depends on local_invocation_index (1:125), which differs between invocations
