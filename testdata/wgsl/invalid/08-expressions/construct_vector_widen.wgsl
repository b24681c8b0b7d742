fn f(a: vec2f) -> vec3f { return vec3f(a); }
// error 1:34 vec3<f32> is made of 3 components, found 2
