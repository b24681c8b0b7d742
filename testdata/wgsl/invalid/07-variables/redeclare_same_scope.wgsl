fn f() { let a = 1; { let a = 2; } var a = 3; }
// error 1:40 "a" is declared twice in this scope; the first time at 1:14
