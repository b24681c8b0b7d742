fn f(b: i32) { var a = 1; a <<= b; }
// error 1:29 operator "<<" cannot take i32 and i32
