// expect 0.0: 159
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn a(x: u32) -> u32 { return x + 1; } fn b(x: u32) -> u32 { return a(x) * 2; } fn c(x: u32) -> u32 { return b(x) + a(x); } fn d(x: u32) -> u32 { return c(b(x)); } fn e(x: u32) -> u32 { return d(d(x)) - c(x); }
@compute @workgroup_size(1)
fn main() { out[0] = e(3); }
