fn f(a: i32, b: i32) -> i32 { return a << b; }
// error 1:40 operator "<<" cannot take i32 and i32
