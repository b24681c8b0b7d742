// An operator 64 times for each invocation, each time on what the last one left.
struct P { n: u32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read_write> c: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var x = a[id.x];
  for (var i = 0u; i < 64u + p.n - p.n; i++) {
    let y = a[id.x] >> (i & 7u);
    let f = bitcast<f32>((x & 0x7fffffu) | 0x3f000000u);
    x = (x * 1664525u + 1013904223u) ^ (OP);
  }
  c[id.x] = x;
}
