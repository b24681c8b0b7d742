fn f() { var a = 1; *a = 2; }
// error 1:21 "*" wants a pointer, found i32
