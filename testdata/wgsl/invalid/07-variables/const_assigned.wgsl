const a = 1; fn f() { a = 2; }
// error 1:23 "a" cannot be assigned to: it is not a var
