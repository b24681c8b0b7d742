@must_use fn f() -> u32 { return 1; }
fn g() { f(); }
// error 2:10 the value of function "f" must be used
