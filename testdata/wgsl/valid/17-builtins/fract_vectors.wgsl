// expect 0.0: -0.25 1.0 4.75 0.75
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
const a = modf(vec2(1.5, -2.25)); const b = frexp(vec2(8.0, 0.375)); const c = fract(vec3(1.25, 2.5, 3.75));
@compute @workgroup_size(1)
fn main() { out[0] = a.fract.y; out[1] = a.whole.x; out[2] = b.fract.y + f32(b.exp.x); out[3] = c.z; }
