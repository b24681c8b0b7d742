fn f(b: f32) { var a = 1; a += b; }
// error 1:29 operator "+" cannot take i32 and f32
