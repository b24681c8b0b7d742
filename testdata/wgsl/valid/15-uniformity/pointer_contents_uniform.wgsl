// expect 0.0: 4 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn set_to(p: ptr<function, u32>, x: u32) { *p = x; }
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) { var x = i; set_to(&x, 4); if x == 4 { workgroupBarrier(); } out[i] = x; }
