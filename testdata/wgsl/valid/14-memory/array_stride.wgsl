// in 0.1: 1 2 3 0 4 5 6 0
// in 0.2: 1 2 3 4
// expect 0.0: 4 3 3 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> a: array<vec3u, 2>; @group(0) @binding(2) var<storage, read> b: array<array<u32, 2>, 2>;
@compute @workgroup_size(1)
fn main() { var i = 1; out[0] = a[i].x; out[1] = a[0][i + 1]; out[2] = b[i][0]; out[3] = b[0][i]; }
