// expect 0.0: 34 120 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn sq(x: u32) -> u32 { return x * x; }
fn hyp(a: u32, b: u32) -> u32 { return sq(a) + sq(b); }
fn fact(n: u32) -> u32 { var r = 1u; for (var i = 2u; i <= n; i++) { r = mul(r, i); } return r; }
fn mul(a: u32, b: u32) -> u32 { return a * b; }
@compute @workgroup_size(1) fn main() { out[0] = hyp(3, 5); out[1] = fact(5); out[2] = mul(mul(1, 2), mul(3, 1)); }
