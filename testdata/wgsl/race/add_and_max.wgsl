// proof: unproven
// dispatch: 4,1,1  words: 1
// order: matters
@group(0) @binding(0) var<storage, read_write> a: atomic<u32>;
@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < 2u) {
    atomicAdd(&a, 3u); // race
  } else {
    atomicMax(&a, 7u); // race
  }
}
