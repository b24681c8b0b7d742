// expect 0.0: 91 104 115 124 131 136 139 140
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> t: array<u32, 8>; var<workgroup> total: u32;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) { t[i] = i * i; workgroupBarrier(); if i == 0 { for (var k = 0; k < 8; k++) { total += t[k]; } } workgroupBarrier(); out[i] = total - t[7 - i]; }
