// expect 0.0: 0 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) { var x = i; out[i] = x; x = 3; if x == 3 { workgroupBarrier(); } { var y = i; y = x; if y == 3 { workgroupBarrier(); } } }
