fn f(a: f32) { frexp(a); }
// error 1:16 the value of function "frexp" must be used
