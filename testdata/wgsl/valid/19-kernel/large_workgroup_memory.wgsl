// expect 0.0: 4112
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> a: array<u32, 4096>;
@compute @workgroup_size(256) fn main(@builtin(local_invocation_index) i: u32) { for (var k = i; k < 4096; k += 256) { a[k] = k; } workgroupBarrier(); if i == 0 { out[0] = a[4095] + a[17]; } }
