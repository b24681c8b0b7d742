@compute @workgroup_size(1) fn main() { }
fn f() { main(); }
// error 2:10 entry point "main" cannot be called
