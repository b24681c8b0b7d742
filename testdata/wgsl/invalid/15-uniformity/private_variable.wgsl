var<private> p: u32; @compute @workgroup_size(4) fn main() { if p == 0 { workgroupBarrier(); } }
// error 1:74 workgroupBarrier must be in uniform control flow, but it depends on the variable p in address space private (1:65), which differs between invocations
