// Each workgroup brings tiles of both matrices into workgroup memory. n is a multiple of 16.
struct P { n: u32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

const t = 16u;
var<workgroup> ta: array<f32, t * t>;
var<workgroup> tb: array<f32, t * t>;

@compute @workgroup_size(t, t)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>) {
  var acc = 0.0;
  for (var k0 = 0u; k0 < p.n; k0 += t) {
    ta[lid.y * t + lid.x] = a[id.y * p.n + k0 + lid.x];
    tb[lid.y * t + lid.x] = b[(k0 + lid.y) * p.n + id.x];
    workgroupBarrier();
    for (var k = 0u; k < t; k++) {
      acc += ta[lid.y * t + k] * tb[k * t + lid.x];
    }
    workgroupBarrier();
  }
  c[id.y * p.n + id.x] = acc;
}
