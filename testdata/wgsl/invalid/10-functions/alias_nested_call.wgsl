fn k(a: ptr<function, u32>, b: ptr<function, u32>) { *a = *b; } fn h(a: ptr<function, u32>, b: ptr<function, u32>) { k(a, b); } fn f() { var x = 1u; h(&x, &x); }
// error 1:156 arguments a and b of "h" both lead to "x", which the function writes
