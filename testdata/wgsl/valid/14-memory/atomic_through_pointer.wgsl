// expect 0.0: 20 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> w: array<atomic<u32>, 3>;
fn bump(p: ptr<workgroup, atomic<u32>>, n: u32) { atomicAdd(p, n); }
fn read(p: ptr<workgroup, atomic<u32>>) -> u32 { return atomicLoad(p); }
fn arr(p: ptr<workgroup, array<atomic<u32>, 3>>) { bump(&(*p)[1], 5); atomicAdd(&p[2], 1); }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { arr(&w); workgroupBarrier(); if i == 0 { out[0] = read(&w[1]); out[1] = read(&w[2]); } }
