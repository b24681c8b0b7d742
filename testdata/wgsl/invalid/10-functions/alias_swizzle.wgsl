fn g(a: ptr<function, vec2u>, b: ptr<function, vec2u>) { (*a).yx = *b; } fn f() { var x = vec2u(1); g(&x, &x); }
// error 1:107 arguments a and b of "g" both lead to "x", which the function writes
