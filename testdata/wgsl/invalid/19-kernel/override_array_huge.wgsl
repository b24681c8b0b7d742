// override: n=4000000000
override n: u32; var<workgroup> a: array<u32, n>;
@compute @workgroup_size(1) fn main() { a[0] = 1; }
// kernel-error 2:33 the kernel needs more than 16384 bytes of workgroup memory
