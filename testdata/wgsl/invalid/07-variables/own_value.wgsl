fn f() { let a = a; }
// error 1:18 unknown name "a"
