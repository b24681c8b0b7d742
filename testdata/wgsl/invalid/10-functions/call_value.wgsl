fn f() { let a = 1; a(); }
// error 1:21 "a" is a value and cannot be called
