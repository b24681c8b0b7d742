// expect 0.0: 0 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(workgroup_id) w: vec3u, @builtin(num_workgroups) n: vec3u, @builtin(local_invocation_index) i: u32) {
  if w.x == 0 { workgroupBarrier(); } for (var k = 0u; k < n.x; k++) { workgroupBarrier(); } switch n.y { case 1 { storageBarrier(); } default {} } out[i] = i;
}
