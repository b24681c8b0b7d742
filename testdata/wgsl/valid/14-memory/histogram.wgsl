// groups: 2
// in 0.1: 0 1 1 2 2 2 3 0
// expect 0.0: 2 2 3 1
@group(0) @binding(0) var<storage, read_write> out: array<atomic<u32>, 4>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
var<workgroup> local: array<atomic<u32>, 4>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32, @builtin(global_invocation_id) g: vec3u) {
  atomicAdd(&local[x[g.x]], 1);
  workgroupBarrier();
  let n = atomicLoad(&local[l]);
  atomicAdd(&out[l], n);
}
