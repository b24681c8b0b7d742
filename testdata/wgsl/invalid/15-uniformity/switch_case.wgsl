@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { switch i { case 0 { workgroupBarrier(); } default { } } }
// error 1:100 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:70), which differs between invocations
