fn f(a: f32) -> f32 { return ~a; }
// error 1:30 operator "~" cannot take f32
