fn f(a: f32) -> f32 { return dot(a, a); }
// error 1:30 builtin function "dot" cannot take (f32, f32); it wants two numeric vectors of one type
