// proof: conditional X,1,1
// dispatch: 3,1,1  words: 4=20 60
@group(0) @binding(0) var<uniform> n: u32;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
var<workgroup> most: array<f32, 8>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) group: vec3u) {
  var top = 0.0;
  for (var c = i; c < n; c += 8u) {
    top = max(top, a[group.x * n + c]);
  }
  most[i] = top;
  workgroupBarrier();
  var all = 0.0;
  for (var j = 0u; j < 8u; j++) {
    all = max(all, most[j]);
  }
  for (var c = i; c < n; c += 8u) {
    a[group.x * n + c] /= all;
  }
}
