// expect 0.0: 3 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32 = 1;
fn double() -> u32 { n *= 2; return n; }
@compute @workgroup_size(1)
fn main() { out[0] = n + double(); out[1] = double() + n; }
