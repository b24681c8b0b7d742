// expect 0.0: 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(s: S) -> u32 { return s.t.x; }
struct S { t: T }
struct T { x: u32 }
@compute @workgroup_size(1)
fn main() { out[0] = f(S(T(6))); }
