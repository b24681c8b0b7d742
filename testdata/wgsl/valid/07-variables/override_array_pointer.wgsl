// override: n=5
// expect 0.0: 8 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override n: u32;
alias A = array<u32, n>;
var<workgroup> a: A;
fn put(p: ptr<workgroup, A>, i: u32) { (*p)[i] = i * 2; }
@compute @workgroup_size(1)
fn main() { put(&a, 4); out[0] = a[4]; let p = &a; out[1] = (*p)[n - 1]; }
