// One invocation for each element, as one writes it first.
struct P { n: u32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let col = id.x;
  if (row >= p.n || col >= p.n) { return; }
  var acc = 0.0;
  for (var k = 0u; k < p.n; k++) {
    acc += a[row * p.n + k] * b[k * p.n + col];
  }
  c[row * p.n + col] = acc;
}
