// expect 0.0: 0 1 9 7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Only control flow matters: what is computed may differ between invocations.
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { var x = i; if i > 1 { x = 9; } workgroupBarrier(); out[i] = select(x, 7, i == 3); }
