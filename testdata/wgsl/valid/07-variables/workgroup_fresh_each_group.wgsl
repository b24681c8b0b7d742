// groups: 3
// expect 0.0: 4 8 12
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> n: atomic<u32>;
@compute @workgroup_size(4) fn main(@builtin(workgroup_id) g: vec3u, @builtin(local_invocation_index) i: u32) { atomicAdd(&n, 1 + g.x); workgroupBarrier(); if i == 0 { out[g.x] = atomicLoad(&n); } }
