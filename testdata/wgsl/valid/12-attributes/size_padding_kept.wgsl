// in 0.1: 1 77 2 78
// expect 0.1: 5 77 6 78
// expect 0.0: 0
// Padding that a structure's store does not name keeps what was there.
struct S { @size(8) a: u32, b: u32 }
@group(0) @binding(1) var<storage, read_write> s: array<S, 1>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { s[0] = S(5, 6); out[0] = 0; }
