// expect 0.0: 3 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) { var k = 0u; loop { workgroupBarrier(); continuing { k += 1; workgroupBarrier(); break if k == 3; } } out[i] = k; }
