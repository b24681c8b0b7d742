// in 0.1: 1 0 0 0 2 3 4 5 6 7 0 0 8 9 10 11 0 0 0 0 12 0 13 14
// expect 0.0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14
struct S {
  a: u32,            // 0
  b: vec3u,          // 16
  c: u32,            // 28
  d: vec2u,          // 32
  @align(16) e: array<u32, 4>, // 48
  @size(16) p: u32,  // 64
  f: u32,            // 80
  g: vec2u,          // 88
}
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> s: S;
@compute @workgroup_size(1) fn main() {
  out[0] = s.a; out[1] = s.b.x; out[2] = s.b.y; out[3] = s.b.z; out[4] = s.c; out[5] = s.d.x; out[6] = s.d.y;
  for (var i = 0u; i < 4; i++) { out[7 + i] = s.e[i]; }
  out[11] = s.f; let g = s.g; out[12] = g.x; out[13] = g[1];
}
