// in 0.1: 1 0 0 0 2.0 3.0 4.0 0 5 6 7 8
// in 0.2: 0 0 0 0 0 0 0 0 0 0 0 0
// expect 0.2: 9 0 0 0 0x40000000 0x40400000 0x40800000 0 5 6 7 1
struct S { n: u32, v: vec3f, m: array<vec2u, 2> }
@group(0) @binding(1) var<storage, read> a: S; @group(0) @binding(2) var<storage, read_write> b: S;
@compute @workgroup_size(1)
fn main() { b = a; var c = a; c.n = 9; c.m[1].y = 1; b.m = c.m; b.n = c.n; }
