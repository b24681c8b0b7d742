fn f(x: u32) { if x > 1 { return; } workgroupBarrier(); } @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { f(i); }
// error 1:140 the argument x of f must be uniform (for 1:37), but it depends on local_invocation_index (1:128), which differs between invocations
