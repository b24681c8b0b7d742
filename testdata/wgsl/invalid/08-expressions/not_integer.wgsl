fn f(a: u32) -> u32 { return !a; }
// error 1:30 operator "!" cannot take u32
