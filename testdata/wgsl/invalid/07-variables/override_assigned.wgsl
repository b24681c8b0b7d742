override a: u32; fn f() { a = 2; }
// error 1:27 "a" cannot be assigned to: it is not a var
