fn f(a: i32, b: u32) { let c = a + b; }
// error 1:34 operator "+" cannot take i32 and u32
