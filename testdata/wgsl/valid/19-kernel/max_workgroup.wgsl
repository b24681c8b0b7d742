// groups: 2
// expect 0.0: 32640 32640
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> n: atomic<u32>;
@compute @workgroup_size(4, 2, 32) fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_index) w: u32) { atomicAdd(&n, i); workgroupBarrier(); if i == 255 { out[w] = atomicLoad(&n); } }
