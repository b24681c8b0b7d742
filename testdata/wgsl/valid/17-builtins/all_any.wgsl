// in 0.1: 1 0
// expect 0.0: 1 0 0 1 1 0
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let t = inp[0] == 1; let f = inp[1] == 1; out[0] = u32(all(t)); out[1] = u32(any(f)); out[2] = u32(all(vec2<bool>(t, f))); out[3] = u32(any(vec3<bool>(f, f, t))); out[4] = u32(all(vec4<bool>(t, t, t, t))); out[5] = u32(any(vec4<bool>(f))); }
