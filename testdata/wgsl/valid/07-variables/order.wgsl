// expect 0.0: 42
@compute @workgroup_size(1) fn main() { out[0] = later(S(second)); }
fn later(s: S) -> u32 { return s.v; }
const second: T = first * 2;
const first = 21;
struct S { v: T }
alias T = u32;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
