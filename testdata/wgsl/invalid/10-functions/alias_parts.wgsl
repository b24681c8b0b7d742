fn g(a: ptr<function, u32>, b: ptr<function, u32>) { *a = *b; } fn f() { var x = array<u32, 2>(1, 2); g(&x[0], &x[1]); }
// error 1:112 arguments a and b of "g" both lead to "x", which the function writes
