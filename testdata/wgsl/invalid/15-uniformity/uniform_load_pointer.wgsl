var<workgroup> w: array<u32, 4>; @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { _ = workgroupUniformLoad(&w[i]); }
// error 1:117 the pointer given to workgroupUniformLoad must be uniform, but it depends on local_invocation_index (1:103), which differs between invocations
