var<workgroup> w: array<u32, 4>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32) { let x = workgroupUniformLoad(&w[l]); }
// error 2:88 the pointer given to workgroupUniformLoad must be uniform, but it depends on local_invocation_index (2:70), which differs between invocations
