@compute @workgroup_size() fn main() {}
// error 1:10 attribute @workgroup_size has 0 arguments, want 1
