// proof: conditional X,Y,1
// dispatch: 2,3,1  words: 2=10 2=20 240
@group(0) @binding(0) var<uniform> columns: u32;
@group(0) @binding(1) var<uniform> rows: u32;
@group(0) @binding(2) var<storage, read_write> a: array<f32>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= columns || id.y >= rows) {
    return;
  }
  a[id.y * columns + id.x] *= 2.0;
}
