// expect 0.0: 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@workgroup_size(1, 2) @compute fn main(@builtin(local_invocation_index) i: u32) { if i == 1 { out[0] = 2; } }
