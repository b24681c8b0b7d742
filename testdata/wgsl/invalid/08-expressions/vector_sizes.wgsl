fn f(a: vec2f, b: vec3f) -> vec3f { return a + b; }
// error 1:46 operator "+" cannot take vec2<f32> and vec3<f32>
