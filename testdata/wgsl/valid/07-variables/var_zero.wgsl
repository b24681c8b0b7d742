// expect 0.0: 0 0 0 0 0 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, b: vec2f, c: array<bool, 2> }
var<private> g: S; var<workgroup> w: S;
@compute @workgroup_size(1)
fn main() { var a: u32; var s: S; var m: mat2x2f; out[0] = a; out[1] = bitcast<u32>(s.b.y) + u32(s.c[1]); out[2] = bitcast<u32>(m[1][1]); out[3] = g.a; out[4] = w.a + u32(w.c[0]); out[5] = 0; }
