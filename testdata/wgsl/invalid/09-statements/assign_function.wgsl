fn g() {} fn f() { g = 1; }
// error 1:20 function "g" is not called
