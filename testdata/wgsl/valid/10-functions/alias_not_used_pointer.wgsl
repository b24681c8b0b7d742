// expect 0.0: 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Only what a function does through its pointers counts.
fn f(a: ptr<function, u32>, b: ptr<function, u32>) { *a = 3; }
@compute @workgroup_size(1)
fn main() { var v = 1u; f(&v, &v); out[0] = v; }
