// in 0.1: 1
// expect 0.0: 0xfffffffb 9 4 1 5
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let c = vec4<bool>(inp[0] == 1, false, true, inp[0] == 0); out[0] = u32(select(vec4i(1, 2, 3, 4), vec4i(-5), c).x); out[1] = u32(select(vec4f(1, 2, 3, 4), vec4f(9), c).z); out[2] = select(vec4u(1, 2, 3, 4), vec4u(8), c).w; out[3] = u32(select(vec4<bool>(true), vec4<bool>(false), c).y); out[4] = u32(select(vec4(1.5), vec4(2.5), c.x).w * 2); }
