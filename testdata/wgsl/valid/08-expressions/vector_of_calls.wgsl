// expect 0.0: 1 2 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn c() -> u32 { n += 1; return n; }
@compute @workgroup_size(1)
fn main() { let v = vec3u(c(), c(), c()); out[0] = v.x; out[1] = v.y; out[2] = vec2u(vec2u(c(), c()).yx).x; }
