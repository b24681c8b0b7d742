fn f(x: u32) -> u32 { if x > 1 { return 1; } return 0; } @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if f(i) == 0 { workgroupBarrier(); } }
// error 1:152 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:127), which differs between invocations
