// in 0.1: 1 0
// expect 0.0: 1 0 1 0 5 2 1 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: vec2u;
@compute @workgroup_size(1) fn main() {
  let b = x == vec2u(1, 0); out[0] = u32(all(b)); out[1] = u32(any(!b)); out[2] = u32(any(b)); out[3] = u32(all(x != vec2u(1, 1)));
  out[4] = select(4u, 5, b.x); let s = select(vec2u(1, 2), vec2u(3, 4), vec2(false, x.y == 1)); out[5] = s.y; out[6] = s.x; out[7] = select(vec2u(1, 2), vec2u(3, 4), b.x).x;
}
