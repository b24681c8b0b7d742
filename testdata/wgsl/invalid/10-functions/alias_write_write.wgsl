fn g(a: ptr<function, u32>, b: ptr<function, u32>) { *a = 1; *b = 2; } fn f() { var x = 1u; g(&x, &x); }
// error 1:99 arguments a and b of "g" both lead to "x", which the function writes
