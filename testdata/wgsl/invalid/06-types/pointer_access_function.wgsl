fn f(p: ptr<function, u32, read>) {}
// error 1:28 a pointer in address space function takes no access mode
