fn f(a: f32) -> f32 { return reflect(a, a); }
// error 1:30 builtin function "reflect" cannot take (f32, f32); it wants vectors of f32, all of one size
