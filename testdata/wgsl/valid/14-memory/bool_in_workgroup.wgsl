// expect 0.0: 110 101
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> b: array<bool, 4>; var<workgroup> v: vec2<bool>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { b[i] = i % 2 == 1; if i == 3 { v.y = true; } workgroupBarrier(); if i < 2 { out[i] = u32(b[i]) + u32(b[3 - i]) * 10 + u32(v.y) * 100; } }
