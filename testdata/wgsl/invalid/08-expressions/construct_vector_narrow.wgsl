fn f(a: vec3f) -> vec2f { return vec2f(a); }
// error 1:34 vec2<f32> is made of 2 components, found 3
