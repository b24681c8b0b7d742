// proof: unproven
// dispatch: 2,1,1  words: 4
// order: matters
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  out[0] = id.x; // race
}
