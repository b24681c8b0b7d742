fn g() {} fn f() { _ = g(); }
// error 1:24 function "g" gives no value
