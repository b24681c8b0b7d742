// expect 0.0: 3 5 5 0
// in 0.1: 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// A pointer to one element, chosen at run time, of each address space.
var<private> pr: array<vec2u, 3>; var<workgroup> wg: array<array<u32, 2>, 3>;
fn f(p: ptr<private, vec2u>) { (*p).y += 3; }
fn g(p: ptr<workgroup, array<u32, 2>>) { p[1] = 4; }
fn h(p: ptr<storage, u32, read_write>) { *p = 5; }
fn k(p: ptr<workgroup, u32>) { *p += 1; }
@group(0) @binding(1) var<storage, read_write> i: u32;
@compute @workgroup_size(1)
fn main() { let j = i; f(&pr[j]); g(&wg[j]); k(&wg[j][1]); h(&out[j]); out[0] = pr[2].y; out[1] = wg[2][1]; out[3] = pr[1].y; }
