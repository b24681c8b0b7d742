// expect 0.0: 5 6 4 5 7
// in 0.1: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> pr: array<u32, 2>; var<workgroup> wg: array<u32, 2>;
@group(0) @binding(1) var<storage, read> inp: array<u32, 3>;
fn rp(p: ptr<private, array<u32, 2>>, i: u32) -> u32 { return (*p)[i]; }
fn rw(p: ptr<workgroup, array<u32, 2>>) -> u32 { return p[1]; }
fn rs(p: ptr<storage, array<u32, 3>>, q: ptr<storage, array<u32, 3>, read>) -> u32 { return p[0] + q[2]; }
fn ro(p: ptr<storage, array<u32>, read_write>, n: u32) { p[n] = arrayLength(p); }
@compute @workgroup_size(1)
fn main() { pr[1] = 5; wg[1] = 6; out[0] = rp(&pr, 1); out[1] = rw(&wg); out[2] = rs(&inp, &inp); ro(&out, 3); out[4] = 7; }
