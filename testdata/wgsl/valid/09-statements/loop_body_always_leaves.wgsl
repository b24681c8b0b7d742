// expect 0.0: 5 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(x: u32) -> u32 { loop { if x > 1 { break; } return 5; } return 6; }
@compute @workgroup_size(1)
fn main() { out[0] = f(1); out[1] = f(2); }
