// proof: unproven
// dispatch: 2,3,1  words: 2=10 240
@group(0) @binding(0) var<uniform> columns: u32;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
  a[id.y * columns + id.x] = f32(id.x); // race
}
