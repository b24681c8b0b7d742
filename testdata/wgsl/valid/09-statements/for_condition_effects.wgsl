// expect 0.0: 8 12
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn next() -> u32 { n += 2; return n; }
@compute @workgroup_size(1)
fn main() { for (var i = next(); next() < 12; i += next()) { out[0] = i; } out[1] = n; }
