// in 0.1: 2 1 0
// expect 0.0: 8 9 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, v: vec2u, t: array<u32, 2> }
var<private> g: array<S, 3>;
@compute @workgroup_size(1)
fn main() { for (var k = 0; k < 3; k++) { let i = inp[k]; g[i].a = i; g[i].v.y = i * 2; g[i].t[i & 1] = 5; } let c = g[inp[1]]; out[0] = c.a + c.v.y + c.t[1]; out[1] = g[2].t[0] + g[2].v.y; out[2] = g[0].a; }
