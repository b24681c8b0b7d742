// expect 0.0: 2 3 9
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// A member may have the name of a type, of a builtin function or of a global.
struct S { u32_: u32, vec2: u32, min: u32, out: u32, S: u32 }
@compute @workgroup_size(1)
fn main() { let s = S(1, 2, 3, 4, 5); out[0] = s.vec2; out[1] = s.min; out[2] = s.out + s.S; }
