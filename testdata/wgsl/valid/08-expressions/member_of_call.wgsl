// expect 0.0: 1 5 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, v: vec3u, n: array<u32, 2> }
fn f(x: u32) -> S { return S(x, vec3u(x + 1, x + 2, x + 3), array(x + 4, x + 5)); }
@compute @workgroup_size(1)
fn main() { out[0] = f(1).a; out[1] = f(2).v.zy.x; out[2] = f(3).n[1]; }
