@group(0) @binding(0) var<storage, read_write> n: u32;
@compute @workgroup_size(4) fn main() { for (var k = 0u; k < n; k++) { workgroupBarrier(); } }
// error 2:72 workgroupBarrier must be in uniform control flow, but it depends on the variable n in address space storage (2:62), which differs between invocations
