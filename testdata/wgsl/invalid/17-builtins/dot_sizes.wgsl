fn f(a: vec2f, b: vec3f) -> f32 { return dot(a, b); }
// error 1:42 builtin function "dot" cannot take (vec2<f32>, vec3<f32>); it wants two numeric vectors of one type
