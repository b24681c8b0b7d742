// expect 0.0: 2 101 7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Predeclared names may be declared anew, at module scope and in functions.
alias vec3f = vec2u;
fn abs(x: u32) -> u32 { return x + 100; }
@compute @workgroup_size(1)
fn main() { let v = vec3f(1, 2); out[0] = v.y; out[1] = abs(1); let u32x = 3u; let f32 = 4u; out[2] = f32 + u32x; }
