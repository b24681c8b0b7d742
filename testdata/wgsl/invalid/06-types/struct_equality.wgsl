struct S { a: u32 } fn f(a: S, b: S) -> bool { return a == b; }
// error 1:57 operator "==" cannot take S and S
