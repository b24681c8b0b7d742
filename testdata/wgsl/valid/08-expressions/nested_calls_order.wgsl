// expect 0.0: 123456
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn d(x: u32) -> u32 { n = n * 10 + x; return x; }
@compute @workgroup_size(1)
fn main() { _ = max(d(1), min(d(2), d(3))) + clamp(d(4), d(5), d(6)); out[0] = n; }
