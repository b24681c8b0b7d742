@compute @workgroup_size(4) fn main(@builtin(global_invocation_index) i: u32) { if i == 0 { workgroupBarrier(); } }
// error 1:93 workgroupBarrier must be in uniform control flow, but it depends on global_invocation_index (1:71), which differs between invocations
