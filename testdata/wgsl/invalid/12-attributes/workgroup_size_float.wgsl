@compute @workgroup_size(1.0) fn main() {}
// error 1:26 @workgroup_size wants integers, found abstract-float
