fn f(a: f32) { sin(a); }
// error 1:16 the value of function "sin" must be used
