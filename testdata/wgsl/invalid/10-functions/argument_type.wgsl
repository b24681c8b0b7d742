fn f(a: u32) {}
fn g() { f(1.5); }
// error 2:12 argument a is abstract-float, want u32
