const a = abs(true);
// error 1:11 builtin function "abs" cannot take (bool); it wants i32, u32, f32 or vectors of them, all of one type
