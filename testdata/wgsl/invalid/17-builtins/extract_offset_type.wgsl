fn f(a: u32, b: i32) -> u32 { return extractBits(a, b, 1u); }
// error 1:38 builtin function "extractBits" cannot take (u32, i32, u32); it wants integers, and u32 for the offset and the count
