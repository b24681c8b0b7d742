fn f(a: f32, b: i32) -> f32 { return atan2(a, b); }
// error 1:38 builtin function "atan2" cannot take (f32, i32); it wants f32 or vectors of f32, all of one size
