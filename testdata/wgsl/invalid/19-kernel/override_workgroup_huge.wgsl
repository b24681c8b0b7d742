// override: n=4294967295
override n: u32;
@compute @workgroup_size(n, n, n) fn main() { }
// kernel-error 3:26 @workgroup_size is at most [256 256 64], found 4294967295
