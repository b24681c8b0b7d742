// expect 0.0: 1 10
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(x: u32) -> u32 { { let x = x * 2; if x > 4 { return x; } } return x; }
@compute @workgroup_size(1)
fn main() { out[0] = f(1); out[1] = f(5); }
