fn f() -> u32 { return 1i; }
// error 1:24 the returned value is i32, want u32
