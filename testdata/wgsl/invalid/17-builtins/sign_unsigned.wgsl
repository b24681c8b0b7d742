const a = sign(1u);
// error 1:11 builtin function "sign" cannot take (u32); it wants i32, u32, f32 or vectors of them, all of one type
