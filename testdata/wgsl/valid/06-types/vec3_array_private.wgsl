// in 0.1: 2 0 1
// expect 0.0: 33 45 21
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> a: array<vec3u, 3>;
@compute @workgroup_size(1)
fn main() { for (var k = 0u; k < 3; k++) { a[inp[k]] = vec3u(k, k + 1, k + 2); a[inp[k]].z *= 10; } for (var k = 0; k < 3; k++) { out[k] = a[k].x + a[k].y + a[k].z; } }
