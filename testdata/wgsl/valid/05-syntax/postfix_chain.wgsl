// expect 0.0: 5 6 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct In { v: array<vec3u, 2> }
struct Out { i: array<In, 2> }
@compute @workgroup_size(1)
fn main() {
  var s: Out; s.i[1].v[0].y = 5; s.i[1].v[0][2] = 6;
  out[0] = s.i[1].v[0].y; out[1] = s.i[1].v[0].zyx.x; out[2] = vec4u(1, 2, 3, 4).wzyx.xy.y;
}
