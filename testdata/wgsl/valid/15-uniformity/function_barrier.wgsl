// expect 0.0: 0 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn sync(n: u32) { for (var k = 0u; k < n; k++) { workgroupBarrier(); } }
fn other(x: u32) -> u32 { workgroupBarrier(); return x; }
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32) { sync(3); out[i] = other(i); sync(2); }
