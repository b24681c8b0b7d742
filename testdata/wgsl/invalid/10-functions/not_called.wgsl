fn f() { let a = f; }
// error 1:18 function "f" is not called
