fn f(a: vec2f) -> f32 { return f32(a); }
// error 1:32 f32 is constructed from one scalar
