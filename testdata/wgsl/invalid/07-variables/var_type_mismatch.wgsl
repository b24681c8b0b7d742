fn f() { var a: u32 = true; }
// error 1:23 the value of a is bool, want u32
