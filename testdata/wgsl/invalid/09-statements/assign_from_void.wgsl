fn g() {} fn f() { var a = 1; a = g(); }
// error 1:35 function "g" gives no value
