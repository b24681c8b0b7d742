@compute @workgroup_size(true) fn main() {}
// error 1:26 @workgroup_size wants integers, found bool
