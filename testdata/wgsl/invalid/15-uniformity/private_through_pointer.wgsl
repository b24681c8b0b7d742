fn set_to(p: ptr<function, u32>, v: u32) { *p = v; } @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { var x = 1u; set_to(&x, i); if x == 0 { workgroupBarrier(); } }
// error 1:172 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:123), which differs between invocations
