// proof: unproven
// dispatch: 3,1,1  words: 100
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&a); i += groups.x * 4u) {
    a[i] += 1.0; // race
  }
}
