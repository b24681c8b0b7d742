// expect 0.0: 3 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn f() -> u32 { n += 1; return n + 1; }
@compute @workgroup_size(1)
fn main() { switch f() { case 0 { out[0] = 1; } case 1 { out[0] = 2; } case 2 { out[0] = 3; } default {} } out[1] = n; }
