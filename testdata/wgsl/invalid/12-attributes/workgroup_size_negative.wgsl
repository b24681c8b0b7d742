@compute @workgroup_size(-1) fn main() {}
// error 1:26 @workgroup_size wants at least 1, found -1
