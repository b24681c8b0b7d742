// proof: unproven
// dispatch: 3,1,1  words: 192 3
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
var<workgroup> part: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) i: u32, @builtin(workgroup_id) group: vec3u) {
  part[i] = x[id.x]; // race
  for (var s = 32u; s > 0u; s >>= 1u) {
    if (i < s) {
      part[i] += part[i + s]; // race
    }
    workgroupBarrier();
  }
  if (i == 0u) {
    out[group.x] = part[0];
  }
}
