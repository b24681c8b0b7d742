// expect 0.0: 9 6 3 0
// in 0.1: 0 0 0 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read_write> t: array<u32, 4>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { t[i] = i * 3; storageBarrier(); out[i] = t[3 - i]; }
