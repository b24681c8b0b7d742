fn f(a: u32) { a = 1; }
// error 1:16 "a" cannot be assigned to: it is not a var
