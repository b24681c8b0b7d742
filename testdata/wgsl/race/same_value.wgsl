// proof: unproven
// dispatch: 2,1,1  words: 4
@group(0) @binding(0) var<storage, read_write> found: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x > 2u) {
    found[0] = 1u; // race
  }
}
