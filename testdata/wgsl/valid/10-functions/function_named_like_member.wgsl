// expect 0.0: 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { area: u32 } fn area(s: S) -> u32 { return s.area * 2; }
@compute @workgroup_size(1)
fn main() { let s = S(4); out[0] = area(s); }
