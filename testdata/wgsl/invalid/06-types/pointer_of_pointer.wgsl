fn f(p: ptr<function, ptr<function, u32>>) {}
// error 1:9 type ptr<function, u32> cannot be stored in address space function: it must be constructible
