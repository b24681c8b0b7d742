// proof: unproven
// dispatch: 1,1,1  words: 64 1
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
var<workgroup> part: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  part[i] = x[id.x];
  workgroupBarrier();
  for (var s = 32u; s > 0u; s >>= 1u) {
    if (i < s) {
      part[i] += part[i + s]; // race
    }
  }
  if (i == 0u) {
    out[0] = part[0];
  }
}
