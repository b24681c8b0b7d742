fn f(a: u32) { let c = -a; }
// error 1:24 operator "-" cannot take u32
