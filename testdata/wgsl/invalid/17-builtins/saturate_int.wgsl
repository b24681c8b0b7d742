fn f(a: i32) -> i32 { return saturate(a); }
// error 1:30 builtin function "saturate" cannot take (i32); it wants f32 or vectors of f32, all of one size
