fn g(a: u32) {} fn f() { g(1, 2); }
// error 1:26 function "g" is called with 2 arguments, want 1
