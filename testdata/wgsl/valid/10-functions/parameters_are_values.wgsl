// expect 0.0: 21 1 19
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(a: u32, v: vec2u, m: array<u32, 2>) -> u32 { var b = a; b += 1; var w = v; w.x = 9; var n = m; n[0] = 7; return b + w.x + n[0] + m[0] + v.x; }
@compute @workgroup_size(1)
fn main() { var a = array<u32, 2>(1, 2); out[0] = f(1, vec2u(2, 3), a); out[1] = a[0]; out[2] = f(2, vec2u(), array<u32, 2>()); }
