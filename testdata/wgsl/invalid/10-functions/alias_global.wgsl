var<private> x: u32;
fn f(a: ptr<private, u32>) { x = *a; }
fn g() { f(&x); }
// error 3:12 argument a of "f" leads to "x", which the function also uses by name and writes
