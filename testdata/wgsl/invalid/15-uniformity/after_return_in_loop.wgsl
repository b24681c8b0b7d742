@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { for (var k = 0u; k < 4; k++) { if k == i { return; } } workgroupBarrier(); }
// error 1:135 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:70), which differs between invocations
