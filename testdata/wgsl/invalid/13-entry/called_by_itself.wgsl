@compute @workgroup_size(1) fn main() { main(); }
// error 1:41 entry point "main" cannot be called
