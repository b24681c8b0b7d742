fn g(a: u32, b: u32) {} fn f() { g(1); }
// error 1:34 function "g" is called with 1 arguments, want 2
