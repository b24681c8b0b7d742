// proof: unproven
// dispatch: 1,1,1  words: 64
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = a[id.y * 8u + id.x]; // race
  a[id.x * 8u + id.y] = x; // race
}
