fn f(a: i32) -> i32 { return step(a, a); }
// error 1:30 builtin function "step" cannot take (i32, i32); it wants f32 or vectors of f32, all of one size
