// proof: proven X,1,1
// dispatch: 2,1,1  words: 512
@group(0) @binding(0) var<storage, read_write> a: array<u32>;
@compute @workgroup_size(8, 8) fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  for (var r = 0u; r < 2u; r++) {
    for (var c = 0u; c < 2u; c++) {
      a[group.x * 256u + (local.y * 2u + r) * 16u + local.x + c * 8u] = r + c;
    }
  }
}
