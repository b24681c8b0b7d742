fn f(p: ptr<local, u32>) {}
// error 1:13 "local" is not an address space (function, private, workgroup, uniform, storage)
