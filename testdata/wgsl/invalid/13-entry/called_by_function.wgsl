@compute @workgroup_size(1) fn main() {} fn f() { main(); }
// error 1:51 entry point "main" cannot be called
