fn f(a: u32) -> f32 { return sqrt(a); }
// error 1:30 builtin function "sqrt" cannot take (u32); it wants f32 or vectors of f32, all of one size
