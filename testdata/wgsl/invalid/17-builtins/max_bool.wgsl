const a = max(true, false);
// error 1:11 builtin function "max" cannot take (bool, bool); it wants i32, u32, f32 or vectors of them, all of one type
