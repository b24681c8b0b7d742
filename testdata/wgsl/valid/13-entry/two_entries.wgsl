// expect 0.0: 1
@group(0) @binding(0) var<storage, read_write> a: array<u32>;
@group(0) @binding(0) var<storage, read_write> b: array<f32>;
@compute @workgroup_size(1) fn first() { a[0] = 1; }
@compute @workgroup_size(64) fn second(@builtin(global_invocation_id) g: vec3u) { b[g.x] = 1; }
