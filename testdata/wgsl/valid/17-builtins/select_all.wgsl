// in 0.1: 1 0
// expect 0.0: 2 1 5 0x3fc00000 0 4 2 1 0x3f800000
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let t = inp[0] == 1; let f = inp[1] == 1; out[0] = select(1u, 2u, t); out[1] = select(1u, 2u, f); out[2] = u32(select(-1, 5, t)); out[3] = bitcast<u32>(select(1.5f, 2.5f, f)); out[4] = u32(select(true, false, t)); out[5] = select(vec2u(1, 2), vec2u(3, 4), t).y; out[6] = select(vec3u(1, 2, 3), vec3u(4, 5, 6), vec3<bool>(t, f, t)).y; out[7] = u32(select(vec2<bool>(true), vec2<bool>(false), vec2<bool>(t, f)).y); out[8] = bitcast<u32>(select(vec4f(1), vec4f(2), vec4<bool>(f)).w);
}
