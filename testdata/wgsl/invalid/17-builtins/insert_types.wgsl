fn f(a: u32, b: i32) -> u32 { return insertBits(a, b, 1, 1); }
// error 1:38 builtin function "insertBits" cannot take (u32, i32, u32, u32); it wants i32, u32 or vectors of them, all of one type
