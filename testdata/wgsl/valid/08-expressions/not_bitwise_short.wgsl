// expect 0.0: 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn no() -> bool { n += 1; return false; }
// & and | evaluate both sides.
@compute @workgroup_size(1)
fn main() { _ = no() & no(); _ = no() | no(); out[0] = n; }
