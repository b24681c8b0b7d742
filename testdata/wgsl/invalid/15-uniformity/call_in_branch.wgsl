fn sync() { workgroupBarrier(); } fn f(x: u32) { if x > 1 { sync(); } } @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { f(i); }
// error 1:154 the argument x of f must be uniform (for 1:61), but it depends on local_invocation_index (1:142), which differs between invocations
