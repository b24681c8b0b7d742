// expect 0.0: 0 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn twice(x: u32) -> u32 { return x * 2; }
@compute @workgroup_size(2) fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) w: vec3u) { let a = twice(i); if twice(w.x) == 0 { workgroupBarrier(); } out[i] = a; }
