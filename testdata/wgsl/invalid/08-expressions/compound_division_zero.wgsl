fn f() { var a = 1; a /= 0; }
// error 1:23 integer division by zero
