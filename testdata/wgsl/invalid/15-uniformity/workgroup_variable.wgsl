var<workgroup> w: u32; @compute @workgroup_size(4) fn main() { if w == 0 { workgroupBarrier(); } }
// error 1:76 workgroupBarrier must be in uniform control flow, but it depends on the variable w in address space workgroup (1:67), which differs between invocations
