// override: n=2
override n: u32; var<workgroup> a: array<u32, n>;
@compute @workgroup_size(1) fn main() { a[3] = 1; }
// kernel-error 3:43 index 3 is out of bounds of array<u32, (override)>
