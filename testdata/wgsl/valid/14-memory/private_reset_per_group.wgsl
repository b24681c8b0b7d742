// groups: 3
// expect 0.0: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
@compute @workgroup_size(1) fn main(@builtin(workgroup_id) w: vec3u) { n += w.x + 1; out[w.x] = n; }
