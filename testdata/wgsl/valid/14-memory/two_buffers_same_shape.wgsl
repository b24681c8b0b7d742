// in 0.1: 1 2 3 4
// in 0.2: 10 20 30 40
// expect 0.2: 14 23 32 41
@group(0) @binding(1) var<storage, read> a: array<u32>; @group(0) @binding(2) var<storage, read_write> b: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { b[i] += a[3 - i]; }
