// proof: unproven
// dispatch: 2,1,1  words: 1
// order: matters
@group(0) @binding(0) var<storage, read_write> last: atomic<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  atomicStore(&last, id.x); // race
}
