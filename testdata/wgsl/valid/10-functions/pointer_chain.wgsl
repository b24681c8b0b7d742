// expect 0.0: 222
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> g: array<vec3u, 2>;
fn c(p: ptr<private, vec3u>, k: u32) { (*p)[k] += 2; }
fn b(p: ptr<private, array<vec3u, 2>>, i: u32) { c(&(*p)[i], i + 1); c(&p[i], 0); }
fn a(i: u32) { b(&g, i); }
@compute @workgroup_size(1)
fn main() { a(1); a(0); out[0] = g[1].z * 100 + g[1].x * 10 + g[0].y; }
