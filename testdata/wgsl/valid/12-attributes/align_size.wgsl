// in 0.1: 1 0 0 0 2 0 3.0 0 4 5 6 0 0 0 0 0 7 0 0 0 0 0 0 0
// expect 0.0: 1 2 3 6 7 4
struct S { @size(16) a: u32, @align(16) b: u32, @size(8) @align(8) c: f32, d: vec3u, @align(32) e: u32 }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> s: S;
@compute @workgroup_size(1)
fn main() { out[0] = s.a; out[1] = s.b; out[2] = u32(s.c); out[3] = s.d.z; out[4] = s.e; out[5] = s.d.x; }
