// expect 0.0: 8 7 8 6 0 0 0 0
// in 0.1: 0 0 0 0 0 0 0 0 0 0 0 0
// expect 0.1: 1 2 0 0 0 0 0 0 4 0 5 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { v: vec3u, a: array<vec4u, 2> }
@group(0) @binding(1) var<storage, read_write> s: S;
var<private> p: vec4u;
fn fill(q: ptr<private, vec4u>) { (*q).wy = vec2u(6, 7); q.xz = vec2u(8); }
@compute @workgroup_size(1)
fn main() {
  s.v.xy = vec2u(1, 2); var i = 1; s.a[i].zx = vec2u(5, 4);
  fill(&p); out[0] = p.x; out[1] = p.y; out[2] = p.z; out[3] = p.w;
}
