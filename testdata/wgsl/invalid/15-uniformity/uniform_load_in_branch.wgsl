var<workgroup> w: u32; @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if i == 0 { _ = workgroupUniformLoad(&w); } }
// error 1:119 workgroupUniformLoad must be in uniform control flow, but it depends on local_invocation_index (1:93), which differs between invocations
