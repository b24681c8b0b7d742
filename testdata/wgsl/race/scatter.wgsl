// proof: unproven
// dispatch: 2,1,1  words: 8=3 8
// Where the indices come from a buffer, what is in it decides.
@group(0) @binding(0) var<storage, read> to: array<u32>;
@group(0) @binding(1) var<storage, read_write> a: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  a[to[id.x]] = id.x; // race
}
