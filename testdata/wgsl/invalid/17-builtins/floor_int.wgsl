fn f(a: i32) -> i32 { return floor(a); }
// error 1:30 builtin function "floor" cannot take (i32); it wants f32 or vectors of f32, all of one size
