// override: n=257
override n = 1u;
@compute @workgroup_size(n) fn main() { }
// kernel-error 3:26 @workgroup_size is at most [256 256 64], found 257
