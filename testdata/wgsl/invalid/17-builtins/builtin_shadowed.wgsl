fn f() { let max = 1; let a = max(1, 2); }
// error 1:31 "max" is a value and cannot be called
