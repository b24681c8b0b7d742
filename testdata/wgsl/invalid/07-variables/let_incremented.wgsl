fn f() { let a = 1; a++; }
// error 1:21 "a" cannot be assigned to: it is not a var
