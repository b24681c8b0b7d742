// proof: unproven
// dispatch: 1,1,1  words: 64
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
var<workgroup> tile: array<f32, 72>;
@compute @workgroup_size(8, 8) fn main(@builtin(local_invocation_id) id: vec3u) {
  tile[id.y * 7u + id.x] = a[id.y * 8u + id.x]; // race
  workgroupBarrier();
  a[id.y * 8u + id.x] = tile[id.x * 7u + id.y];
}
