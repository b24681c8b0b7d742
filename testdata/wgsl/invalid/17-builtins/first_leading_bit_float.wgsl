fn f(a: f32) -> f32 { return firstLeadingBit(a); }
// error 1:30 builtin function "firstLeadingBit" cannot take (f32); it wants i32, u32 or vectors of them, all of one type
