// expect 0.0: 9 5 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct A { m: mat3x3f } struct B { a: array<A, 2> } struct C { b: B }
@compute @workgroup_size(1)
fn main() { var c: C; c.b.a[1].m[2].y = 4.5; c.b.a[1].m[0] = vec3f(1, 2, 3); let p = &c.b; let q = &(*p).a[1]; (*q).m[1][1] = 2; out[0] = u32(c.b.a[1].m[2][1] * 2); out[1] = u32(q.m[0].z + p.a[1].m[1].y); out[2] = u32(c.b.a[0].m[2].y); }
