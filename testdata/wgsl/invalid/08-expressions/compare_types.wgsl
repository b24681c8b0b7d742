fn f(a: u32, b: i32) -> bool { return a == b; }
// error 1:41 operator "==" cannot take u32 and i32
