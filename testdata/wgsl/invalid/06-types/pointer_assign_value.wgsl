fn f(p: ptr<function, u32>) { p = 1; }
// error 1:31 "p" cannot be assigned to: it is not a var
