fn f(a: ptr<function, u32>, b: ptr<function, u32>) { *a = *b; }
fn g() { var x: u32; f(&x, &x); }
// error 2:28 arguments a and b of "f" both lead to "x", which the function writes
