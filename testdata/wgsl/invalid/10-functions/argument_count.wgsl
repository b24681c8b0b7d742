fn f(a: u32, b: u32) {}
fn g() { f(1); }
// error 2:10 function "f" is called with 1 arguments, want 2
