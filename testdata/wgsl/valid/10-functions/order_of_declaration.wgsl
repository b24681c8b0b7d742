// expect 0.0: 15
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = a(2); }
fn a(x: u32) -> u32 { return b(x) + k; }
fn b(x: u32) -> u32 { return x * k; }
const k = 5u;
