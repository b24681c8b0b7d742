// groups: 2
// in 0.1: 3
// expect 0.0: 3 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<uniform> n: u32;
@group(0) @binding(2) var<storage, read> limits: array<u32>;
var<workgroup> acc: u32;
fn step(l: u32) { if (l == 0) { acc += 1; } workgroupBarrier(); }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) w: vec3u, @builtin(num_workgroups) g: vec3u) {
  var i = 0u;
  loop { if i == n { break; } step(l); continuing { i++; } }
  if (w.x < g.x) { workgroupBarrier(); }
  let stop = limits[0];
  for (var k = 0u; k < stop; k++) { storageBarrier(); }
  if (n > 100) { return; }
  workgroupBarrier();
  let u = workgroupUniformLoad(&acc);
  if (u > 1) { workgroupBarrier(); }
  if (l == 0) { out[w.x] = u; }
}
