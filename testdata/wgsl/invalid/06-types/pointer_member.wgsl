struct S { p: ptr<function, u32> }
// error 1:15 member "p" cannot be a pointer
