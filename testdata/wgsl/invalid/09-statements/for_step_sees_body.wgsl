fn f() { for (var i = 0; i < 3; i += x) { let x = 1; } }
// error 1:38 unknown name "x"
