fn f() { max(1, 2); }
// error 1:10 the value of function "max" must be used
