fn f(a: bool) { let x = sin(a); }
// error 1:25 builtin function "sin" cannot take (bool); it wants f32 or vectors of f32, all of one size
