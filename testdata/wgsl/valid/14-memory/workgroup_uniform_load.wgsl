// expect 0.0: 432 432 432 432
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<workgroup> n: u32; var<workgroup> v: vec3u; var<workgroup> c: atomic<u32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) {
  if i == 1 { n = 3; v.y = 2; } atomicAdd(&c, 1);
  let k = workgroupUniformLoad(&n); if k > 2 { workgroupBarrier(); } let w = workgroupUniformLoad(&v); for (var j = 0u; j < w.y; j++) { workgroupBarrier(); } out[i] = k * 10 + w.y + workgroupUniformLoad(&c) * 100;
}
