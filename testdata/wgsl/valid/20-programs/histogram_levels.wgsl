// in 0.1: 0 1 1 2 2 2 3 3 3 3 7 7 9 9 9 0
// expect 0.0: 2 2 3 4 0 0 0 5
// in 0.2: 0
// expect 0.2: 9
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> bins: array<atomic<u32>, 8>;
@group(0) @binding(2) var<storage, read_write> high: atomic<u32>;
@compute @workgroup_size(16) fn main(@builtin(local_invocation_index) i: u32) { let v = inp[i]; atomicAdd(&bins[min(v, 7)], 1); atomicMax(&high, v); workgroupBarrier(); if i < 8 { out[i] = atomicLoad(&bins[i]); } }
