fn maybe(b: bool) { if (b) { workgroupBarrier(); } }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) { maybe(l == 0); }
// error 2:88 the argument b of maybe must be uniform (for 1:30), but it depends on local_invocation_index (2:70), which differs between invocations
