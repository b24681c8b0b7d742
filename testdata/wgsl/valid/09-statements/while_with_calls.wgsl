// expect 0.0: 10 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn more() -> bool { n += 1; return n < 5; }
@compute @workgroup_size(1)
fn main() { while more() { out[0] += n; } while more() && n < 3 { } out[1] = n; }
