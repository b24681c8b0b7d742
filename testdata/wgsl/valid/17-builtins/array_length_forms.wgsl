// expect 0.0: 5 2 2 2 10
// in 0.1: 1 2 3 4 5
// in 0.2: 0 0 0 0 1 2 3 0 4 5 6 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct T { n: vec4u, a: array<vec3u> }
@group(0) @binding(1) var<storage, read> a: array<u32>; @group(0) @binding(2) var<storage, read_write> t: T;
fn len(p: ptr<storage, array<vec3u>, read_write>) -> u32 { return arrayLength(p); }
@compute @workgroup_size(1)
fn main() { out[0] = arrayLength(&a); out[1] = arrayLength(&t.a); let p = &t; out[2] = arrayLength(&p.a); out[3] = len(&t.a); let q = &a; out[4] = arrayLength(q) + arrayLength(&out); }
