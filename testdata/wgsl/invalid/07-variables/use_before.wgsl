fn f() { let b = a; let a = 1; }
// error 1:18 unknown name "a"
