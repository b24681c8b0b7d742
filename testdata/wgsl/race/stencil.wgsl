// proof: proven X,1,1
// dispatch: 2,1,1  words: 16 16
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@compute @workgroup_size(8) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x > 0u && id.x < 15u) {
    b[id.x] = (a[id.x - 1u] + a[id.x + 1u]) * 0.5;
  }
}
