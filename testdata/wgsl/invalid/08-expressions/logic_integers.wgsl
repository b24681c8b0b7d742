fn f(a: u32) -> bool { return a && a; }
// error 1:33 operator "&&" cannot take u32 and u32
