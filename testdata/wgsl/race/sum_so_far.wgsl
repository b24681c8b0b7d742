// proof: unproven
// dispatch: 2,1,1  words: 1 8
@group(0) @binding(0) var<storage, read_write> sum: atomic<u32>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  atomicAdd(&sum, id.x); // race
  out[id.x] = atomicLoad(&sum); // race
}
