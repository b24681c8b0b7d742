const a = countOneBits(true);
// error 1:11 builtin function "countOneBits" cannot take (bool); it wants i32, u32 or vectors of them, all of one type
