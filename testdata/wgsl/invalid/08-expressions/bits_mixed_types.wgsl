fn f(a: u32, b: i32) -> u32 { return a & b; }
// error 1:40 operator "&" cannot take u32 and i32
