fn f(a: vec2f, b: vec3f) -> vec2f { return faceForward(a, a, b); }
// error 1:44 builtin function "faceForward" cannot take (vec2<f32>, vec2<f32>, vec3<f32>); it wants vectors of f32, all of one size
