// in 0.1: 1.0 2.0 3.0 7 4.0 5.0 6.0 8 7.0 8.0 9.0 9
// expect 0.0: 3 9 5 9
struct E { v: vec3f, n: u32 } 
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> e: array<E>;
@compute @workgroup_size(1)
fn main() { out[0] = arrayLength(&e); out[1] = e[2].n; out[2] = u32(e[1].v.y); out[3] = e[5].n + e[arrayLength(&e) - 1].n; }
