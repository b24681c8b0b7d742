fn f() { let a = 1; let a = 2; }
// error 1:25 "a" is declared twice in this scope; the first time at 1:14
