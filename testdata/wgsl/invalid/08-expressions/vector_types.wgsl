fn f(a: vec2f, b: vec2i) -> vec2f { return a + b; }
// error 1:46 operator "+" cannot take vec2<f32> and vec2<i32>
