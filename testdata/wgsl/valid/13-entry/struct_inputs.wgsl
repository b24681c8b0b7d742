// expect 0.0: 1 2 3 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct In { @builtin(local_invocation_index) i: u32, @builtin(workgroup_id) w: vec3u }
@compute @workgroup_size(4) fn main(in: In, @builtin(num_workgroups) n: vec3u) { out[in.i] = in.i + in.w.x + n.x; }
