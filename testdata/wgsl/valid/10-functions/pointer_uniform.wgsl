// in 0.1: 1 2 3 4 5 6 7 8
// expect 0.0: 6 4
@group(0) @binding(1) var<uniform> u: array<vec4u, 2>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn nth(p: ptr<uniform, array<vec4u, 2>>, i: u32) -> u32 { return (*p)[i].y; }
fn one(p: ptr<uniform, vec4u>) -> u32 { return p.w; }
@compute @workgroup_size(1)
fn main() { out[0] = nth(&u, 1); out[1] = one(&u[0]); }
