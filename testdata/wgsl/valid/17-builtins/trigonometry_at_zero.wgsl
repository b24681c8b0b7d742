// in 0.1: 0.0 1.0
// expect 0.0: 0.0 1.0 0.0 0.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 0.0 0.0 1.0
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { let z = inp[0]; let o = inp[1]; out[0] = sin(z); out[1] = cos(z); out[2] = tan(z); out[3] = asin(z); out[4] = acos(o); out[5] = atan(z); out[6] = sinh(z); out[7] = cosh(z); out[8] = tanh(z); out[9] = asinh(z); out[10] = acosh(o); out[11] = atanh(z); out[12] = atan2(z, o); out[13] = cos(vec3f(z)).y + sin(vec2f(z)).x + tan(vec4f(z)).w; }
