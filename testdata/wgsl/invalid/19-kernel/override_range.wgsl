// override: n=4294967296
override n: u32;
@compute @workgroup_size(1) fn main() { }
// kernel-error 2:10 override "n" of type u32 is given 4.294967296e+09, which is out of range
