fn f() { let a = 1; const b = a; }
// error 1:31 the value of a const must be a constant expression
