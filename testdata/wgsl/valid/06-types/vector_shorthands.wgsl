// expect 0.0: 2 5 9 1 1 1 3 2 4 4 0 0xffffffff
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let a: vec2i = vec2<i32>(1, 2); let b: vec3u = vec3<u32>(3, 4, 5); let c: vec4f = vec4<f32>(6, 7, 8, 9); let d = vec2<bool>(true, false);
  out[0] = u32(a.y); out[1] = b.z; out[2] = u32(c.w); out[3] = u32(d.x);
  out[4] = u32(vec2f(1).x); out[5] = vec3(1u).y; out[6] = vec4u(vec2u(1, 2), vec2u(3, 4)).z; out[7] = vec4u(1, vec2u(2, 3), 4).y;
  out[8] = vec4u(vec3u(1, 2, 3), 4).w; out[9] = vec4(1u, vec3u(2, 3, 4)).w; out[10] = vec3u().x; out[11] = vec2u(vec2i(-1, 3)).x;
}
