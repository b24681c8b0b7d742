fn f(a: i32, b: f32) -> f32 { return a * b; }
// error 1:40 operator "*" cannot take i32 and f32
