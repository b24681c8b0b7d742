// in 0.0: 3 0 0 0 1.0 2.0 3.0 0 1 2 3 4 5 6
// expect 0.0: 9 0 0 0 0x3f800000 0x40a00000 0x40400000 0 1 2 5 1 5 8
struct S { n: u32, v: vec3f, a: array<vec2u> }
@group(0) @binding(0) var<storage, read_write> s: S;
@compute @workgroup_size(1)
fn main() { s.v.y += f32(s.n); s.a[1] = s.a[0].yx + vec2u(arrayLength(&s.a), 0); s.n = 9; s.a[s.a[2].x - 3].y = 8; }
