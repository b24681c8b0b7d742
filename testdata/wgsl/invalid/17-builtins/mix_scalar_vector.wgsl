fn f(a: f32, b: vec2f) -> vec2f { return mix(a, a, b); }
// error 1:42 builtin function "mix" cannot take (f32, f32, vec2<f32>); it wants f32 or vectors of f32, all of one size
