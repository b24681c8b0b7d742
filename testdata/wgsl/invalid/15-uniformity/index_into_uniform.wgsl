@group(0) @binding(0) var<storage, read> a: array<u32>; @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if a[i] == 0 { workgroupBarrier(); } }
// error 1:151 workgroupBarrier must be in uniform control flow, but it depends on local_invocation_index (1:126), which differs between invocations
