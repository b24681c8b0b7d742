// override: n=5000
override n = 1u;
var<workgroup> w: array<u32, n>;
@compute @workgroup_size(1) fn main() { w[0] = 1; }
// kernel-error 3:16 the kernel needs more than 16384 bytes of workgroup memory
