// proof: unproven
// dispatch: 2,1,1  words: 64 16
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
var<workgroup> tile: array<f32, 8>;
@compute @workgroup_size(8)
fn main(@builtin(local_invocation_index) i: u32, @builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var k = 0u; k < 32u; k += 8u) {
    tile[i] = x[k + i]; // race
    workgroupBarrier();
    for (var j = 0u; j < 8u; j++) {
      sum += tile[j]; // race
    }
  }
  out[id.x] = sum;
}
