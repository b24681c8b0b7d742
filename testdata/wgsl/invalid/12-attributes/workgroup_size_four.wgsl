@compute @workgroup_size(1, 1, 1, 1) fn main() {}
// error 1:10 attribute @workgroup_size has 4 arguments, want 1
