fn f(a: vec2f, b: vec2f) -> vec2f { return refract(a, b, a); }
// error 1:44 builtin function "refract" cannot take (vec2<f32>, vec2<f32>, vec2<f32>); it wants two vectors of f32 and one f32
