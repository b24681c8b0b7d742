// expect 0.0: 10
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f() -> u32 { var n = 0u; loop { n += 1; if n > 9 { return n; } } }
@compute @workgroup_size(1)
fn main() { out[0] = f(); }
