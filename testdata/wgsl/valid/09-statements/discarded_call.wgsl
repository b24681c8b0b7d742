// expect 0.0: 3 9
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f(p: ptr<function, u32>) -> u32 { *p += 1; return *p; }
@compute @workgroup_size(1)
fn main() { var x = 1u; f(&x); _ = f(&x); out[0] = x; let y = f(&x) + f(&x); out[1] = y; }
