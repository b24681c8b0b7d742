@compute @workgroup_size(1u, 1i) fn main() {}
// error 1:30 the arguments of @workgroup_size are of different types
