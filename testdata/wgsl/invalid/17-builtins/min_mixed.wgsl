fn f(a: u32, b: i32) -> u32 { return min(a, b); }
// error 1:38 builtin function "min" cannot take (u32, i32); it wants i32, u32, f32 or vectors of them, all of one type
