@must_use fn g() -> u32 { return 1; } fn f() { g(); }
// error 1:48 the value of function "g" must be used
