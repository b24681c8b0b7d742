// groups: 4 2
// in 0.1: 0 0
// expect 0.1: 496 497
@group(0) @binding(1) var<storage, read_write> a: array<atomic<u32>, 2>;
@compute @workgroup_size(8) fn main(@builtin(global_invocation_id) g: vec3u, @builtin(workgroup_id) w: vec3u) { atomicAdd(&a[w.y], g.x); atomicMax(&a[1 - w.y], 1); }
