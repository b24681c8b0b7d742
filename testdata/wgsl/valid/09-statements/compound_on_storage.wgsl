// in 0.1: 10 20 30
// expect 0.1: 15 40 29
@group(0) @binding(1) var<storage, read_write> a: array<u32>;
fn next(p: ptr<function, u32>) -> u32 { *p += 1; return *p - 1; }
@compute @workgroup_size(1)
fn main() { var k = 0u; a[next(&k)] += 5; a[next(&k)] *= k; a[next(&k)]--; }
