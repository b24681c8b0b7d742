// in 0.1: 1 2 3 4
// expect 0.1: 5 4 2 1
@group(0) @binding(1) var<storage, read_write> a: array<vec2u, 2>;
@compute @workgroup_size(1)
fn main() { let t = a[0]; a[0] = a[1]; a[1] = t; a[0].x += a[1].y; a[1] = a[1].yx; }
