fn f(a: f32) -> f32 { return a | 1.0; }
// error 1:32 operator "|" cannot take f32 and abstract-float
