// in 0.1: 7 9 1 2 3 4 5
// expect 0.0: 2 9 3 0 3
struct T { a: u32, b: u32 }
struct S { n: vec2u, t: array<T> }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read_write> s: S;
@compute @workgroup_size(1) fn main() {
  out[0] = arrayLength(&s.t); out[1] = s.n.y; out[2] = s.t[1].a; out[3] = s.t[2].a;
  s.t[5] = T(1, 1); s.t[1].b = 3; out[4] = s.t[1].b;
}
