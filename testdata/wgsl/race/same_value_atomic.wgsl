// proof: proven X,Y,Z
// dispatch: 2,1,1  words: 1
@group(0) @binding(0) var<storage, read_write> found: atomic<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x > 2u) {
    atomicStore(&found, 1u);
  }
}
