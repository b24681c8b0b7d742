// Each invocation computes R rows by C columns, columns W apart so that neighbours read neighbouring words.
struct P { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
const R = 2u;
const C = 4u;
const W = 16u;
@compute @workgroup_size(W, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>) {
  let row = id.y * R;
  let col = wg.x * W * C + lid.x;
  var acc: array<f32, R * C>;
  for (var k = 0u; k < p.k; k++) {
    var bv: array<f32, C>;
    for (var j = 0u; j < C; j++) { bv[j] = b[k * p.n + col + j * W]; }
    for (var i = 0u; i < R; i++) {
      let av = a[(row + i) * p.k + k];
      for (var j = 0u; j < C; j++) { acc[i * C + j] += av * bv[j]; }
    }
  }
  for (var i = 0u; i < R; i++) {
    for (var j = 0u; j < C; j++) {
      let x = col + j * W;
      if (row + i < p.m && x < p.n) { c[(row + i) * p.n + x] = acc[i * C + j]; }
    }
  }
}
