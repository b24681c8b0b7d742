const a = reverseBits(1.0);
// error 1:11 builtin function "reverseBits" cannot take (abstract-float); it wants i32, u32 or vectors of them, all of one type
