// expect 0.0: 3 4 7 1 9
struct R { lo: u32, hi: vec2u }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn make(a: u32) -> R { if a > 5 { return R(9, vec2u()); } return R(a, vec2u(a + 1, 4)); }
@must_use fn add(r: R) -> u32 { return r.lo + r.hi.y; }
fn nothing() { return; }
fn guard(a: u32) { if a == 1 { return; } out[3] = a; }
@compute @workgroup_size(1) fn main() {
  let r = make(3); out[0] = r.lo; out[1] = r.hi.x; out[2] = add(r); nothing(); out[3] = 1; guard(1); make(2); out[4] = make(7).lo;
}
