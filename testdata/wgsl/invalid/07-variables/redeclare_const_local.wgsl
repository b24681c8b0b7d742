fn f() { const a = 1; const a = 2; }
// error 1:29 "a" is declared twice in this scope; the first time at 1:16
