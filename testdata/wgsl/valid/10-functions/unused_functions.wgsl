// expect 0.0: 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn unused(x: u32) -> u32 { var a = array<u32, 3>(1, 2, 3); return a[x] + helper(); }
fn helper() -> u32 { return 2; }
@compute @workgroup_size(1)
fn main() { out[0] = 5; }
