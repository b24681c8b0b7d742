fn g(a: u32) {} fn f() { g(1.5); }
// error 1:28 argument a is abstract-float, want u32
