// groups: 2 1 2
// expect 0.0: 200000 201001 210010 211011 200002 201003 210012 211013 200100 201101 210110 211111 200102 201103 210112 211113
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2, 2, 1)
fn main(@builtin(global_invocation_id) g: vec3u, @builtin(local_invocation_id) l: vec3u, @builtin(local_invocation_index) i: u32, @builtin(workgroup_id) w: vec3u, @builtin(num_workgroups) n: vec3<u32>) {
  out[(w.z * n.x + w.x) * 4 + i] = g.x + 10 * g.y + 100 * g.z + 1000 * l.x + 10000 * l.y + 100000 * n.z;
}
