// proof: unproven
// dispatch: 2,1,1  words: 16
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@compute @workgroup_size(8) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x > 0u && id.x < 15u) {
    a[id.x] = (a[id.x - 1u] + a[id.x + 1u]) * 0.5; // race
  }
}
