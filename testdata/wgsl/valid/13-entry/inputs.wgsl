// groups: 2 3 1
// expect 0.0: 13 1 2 3 1 2 2 3 1 0
struct In { @builtin(local_invocation_id) l: vec3u, @builtin(workgroup_id) w: vec3<u32>, }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2, 1 + 1, 2) fn main(s: In, @builtin(local_invocation_index) i: u32, @builtin(global_invocation_id) g: vec3u, @builtin(num_workgroups) n: vec3u) {
  if (s.w.x == 1 && s.w.y == 2 && i == 7) {
    out[0] = i + 2 * 3; out[1] = s.l.x; out[2] = s.w.y; out[3] = g.x; out[4] = s.l.y; out[5] = n.x; out[6] = s.w.y; out[7] = n.y; out[8] = g.z; out[9] = n.z - 1;
  }
}
