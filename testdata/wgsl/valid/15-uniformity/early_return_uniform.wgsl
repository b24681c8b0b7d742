// expect 0.0: 1 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) w: vec3u) { if w.x > 5 { return; } workgroupBarrier(); out[i] = 1; }
