// override: n=257
override n = 1u;
@compute @workgroup_size(n) fn main() { }
// kernel-error 3:32 a workgroup of 257 invocations is too large, at most 256 are allowed
