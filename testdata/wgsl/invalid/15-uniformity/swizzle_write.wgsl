@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { var v = vec2u(); v.xy = vec2(i); if v.x == 0 { workgroupBarrier(); } }
// error 1:127 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:70), which differs between invocations
