// override: n=1.5
override n: i32;
@compute @workgroup_size(1) fn main() { }
// kernel-error 2:10 override "n" of type i32 is given 1.5, which is not an integer
