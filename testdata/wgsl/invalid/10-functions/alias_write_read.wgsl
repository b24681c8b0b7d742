fn g(a: ptr<function, u32>, b: ptr<function, u32>) -> u32 { *a = 1; return *b; } fn f() { var x = 1u; _ = g(&x, &x); }
// error 1:113 arguments a and b of "g" both lead to "x", which the function writes
