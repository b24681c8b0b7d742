fn f(a: f32, b: bool) -> f32 { return mix(a, a, b); }
// error 1:39 builtin function "mix" cannot take (f32, f32, bool); it wants f32 or vectors of f32, all of one size
