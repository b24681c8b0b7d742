fn g() {} fn f() { let a = g; }
// error 1:28 function "g" is not called
