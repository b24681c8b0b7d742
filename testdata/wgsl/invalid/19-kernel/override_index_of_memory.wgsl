// override: w=5
override n = 4; override w: u32; var<workgroup> a: array<u32, n>;
@compute @workgroup_size(1) fn main() { a[w] = 1; }
// kernel-error 3:43 index 5 is out of bounds of array<u32, (override)>
