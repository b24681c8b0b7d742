// expect 0.0: 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, b: u32 }
@compute @workgroup_size(1)
fn main() { out[0] = S(3, 4).b; }
