// expect 0.0: 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Two pointers to one variable are fine as long as nothing is written through either.
fn sum(a: ptr<function, u32>, b: ptr<function, u32>) -> u32 { return *a + *b; }
@compute @workgroup_size(1)
fn main() { var x = 3u; out[0] = sum(&x, &x); }
