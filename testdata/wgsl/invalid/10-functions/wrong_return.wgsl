fn f() -> u32 { return 1.0; }
// error 1:24 the returned value is abstract-float, want u32
