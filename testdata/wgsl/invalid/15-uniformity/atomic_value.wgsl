var<workgroup> w: atomic<u32>; @compute @workgroup_size(4) fn main() { if atomicLoad(&w) == 0 { workgroupBarrier(); } }
// error 1:97 workgroupBarrier must be in uniform control flow, but it depends on the value of atomicLoad (1:75), which differs between invocations
