// expect 0.0: 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The name in @builtin is not looked up.
@compute @workgroup_size(1) fn main(@builtin(local_invocation_index) local_invocation_index: u32) { let workgroup_id = 3u; out[0] = workgroup_id + local_invocation_index; }
