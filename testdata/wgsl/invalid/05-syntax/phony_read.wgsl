fn f() -> u32 { return _; }
// error 1:24 expected an expression, found "_"
