// proof: proven X,Y,Z
// dispatch: 3,1,1  words: 64 16
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> bins: array<atomic<u32>>;
@compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id: vec3u) {
  atomicAdd(&bins[x[id.x] & 15u], 1u);
}
