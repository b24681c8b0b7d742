// override: n=5
// expect 0.0: 1 2 3 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override n: u32 = 3;
var<workgroup> a: array<u32, n>; var<workgroup> b: array<vec2u, n * 2>; var<workgroup> c: array<atomic<u32>, n + 1>;
@compute @workgroup_size(1)
fn main() { a[4] = 1; b[9].y = 2; atomicAdd(&c[5], 3); let i = n - 1; out[0] = a[i]; out[1] = b[i * 2 + 1].y; out[2] = atomicLoad(&c[i + 1]); out[3] = n; }
