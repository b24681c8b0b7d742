@compute @workgroup_size(1) fn main(a: ptr<function, u32>) {}
// error 1:40 a parameter of an entry point cannot be a pointer
