fn g(a: ptr<function, u32>, b: ptr<function, u32>) { *a = *b; } fn f() { var x = 1u; let p = &x; g(p, &x); }
// error 1:103 arguments a and b of "g" both lead to "x", which the function writes
