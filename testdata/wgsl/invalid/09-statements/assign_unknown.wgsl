fn f() { x = 1; }
// error 1:10 unknown name "x"
