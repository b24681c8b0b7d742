// expect 0.0: 3 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
alias P = ptr<function, u32>; alias Q = ptr<private, vec2u>;
var<private> g: vec2u;
fn f(p: P, q: Q) { *p = 3; (*q).y = 4; }
@compute @workgroup_size(1)
fn main() { var x: u32; f(&x, &g); out[0] = x; out[1] = g.y; }
