// override: n=0
override n: u32;
@compute @workgroup_size(n) fn main() { }
// kernel-error 3:26 @workgroup_size wants at least 1, found 0
