// expect 0.0: 1 1 0 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const n = 2;
@compute @workgroup_size(n) fn main(@builtin(local_invocation_index) i: u32) { out[i] = 1; }
@compute @workgroup_size(n, n + 1) fn b(@builtin(local_invocation_index) i: u32) { out[i] = 2; }
@compute @workgroup_size(1u, 2u, 3u) fn c() {}
@workgroup_size(256,) @compute fn d() {}
@compute @workgroup_size(4, 8, 8) fn e() {}
