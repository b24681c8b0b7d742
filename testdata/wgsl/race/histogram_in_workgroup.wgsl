// proof: proven X,Y,Z
// dispatch: 3,1,1  words: 64 16
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> bins: array<atomic<u32>>;
var<workgroup> own: array<atomic<u32>, 16>;
@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  atomicAdd(&own[x[id.x] & 15u], 1u);
  workgroupBarrier();
  atomicAdd(&bins[i], atomicLoad(&own[i]));
}
