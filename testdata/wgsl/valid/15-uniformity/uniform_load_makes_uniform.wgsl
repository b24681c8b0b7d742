// expect 0.0: 2 2 2 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> n: u32; var<workgroup> a: array<u32, 4>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { if i == 2 { n = 2; } let k = workgroupUniformLoad(&n); for (var j = 0u; j < k; j++) { a[i] += 1; workgroupBarrier(); } out[i] = a[(i + 1) % 4]; }
