fn f() { var a = true; a += true; }
// error 1:26 operator "+" cannot take bool and bool
