fn f() { let a = 1; a = 2; }
// error 1:21 "a" cannot be assigned to: it is not a var
