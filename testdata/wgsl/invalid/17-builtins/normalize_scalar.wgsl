fn f(a: f32) -> f32 { return normalize(a); }
// error 1:30 builtin function "normalize" cannot take (f32); it wants vectors of f32, all of one size
