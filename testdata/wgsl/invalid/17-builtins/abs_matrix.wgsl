const a = abs(mat2x2f());
// error 1:11 builtin function "abs" cannot take (mat2x2<f32>); it wants i32, u32, f32 or vectors of them, all of one type
