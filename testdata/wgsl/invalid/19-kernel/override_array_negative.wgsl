// override: n=-3
override n: i32; var<workgroup> a: array<u32, n>;
@compute @workgroup_size(1) fn main() { a[0] = 1; }
// kernel-error 2:47 the length of an array is at least 1, not -3
