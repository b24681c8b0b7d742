fn g() -> u32 { return 1; } fn f() { g() = 2; }
// error 1:42 expected ";" after the statement, found "="
