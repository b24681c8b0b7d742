// expect 0.0: 1 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f() -> u32 { return 1; }
fn g(x: u32) -> u32 { if x > 1 { return 2; } else { return 3; } }
@compute @workgroup_size(1)
fn main() { out[0] = f(); out[1] = g(2); if true { return; } out[0] = 9; }
