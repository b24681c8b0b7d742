fn f(a: vec2f, b: vec3f) -> f32 { return distance(a, b); }
// error 1:42 builtin function "distance" cannot take (vec2<f32>, vec3<f32>); it wants vectors of f32, all of one size
