@must_use fn g() { }
// error 1:14 @must_use on function "g", which gives no value
