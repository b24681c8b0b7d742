// groups: 2 2 2
// expect 0.0: 0 100 10 110 1 101 11 111
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1, 1, 1) fn main(@builtin(workgroup_id) w: vec3u, @builtin(num_workgroups) n: vec3u, @builtin(global_invocation_id) g: vec3u) { out[w.x + w.y * n.x + w.z * n.x * n.y] = g.x * 100 + g.y * 10 + g.z; }
