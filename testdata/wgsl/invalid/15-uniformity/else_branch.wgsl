@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if i == 0 { } else { storageBarrier(); } }
// error 1:101 storageBarrier must be in uniform control flow, but it depends on local_invocation_index (1:70), which differs between invocations
