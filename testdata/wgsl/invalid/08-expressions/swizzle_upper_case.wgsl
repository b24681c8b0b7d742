fn f(a: vec2f) -> f32 { return a.X; }
// error 1:34 "X" is not a swizzle of vec2<f32>
