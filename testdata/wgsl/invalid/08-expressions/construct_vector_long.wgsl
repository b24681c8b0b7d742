const a = vec2f(1, 2, 3);
// error 1:11 vec2<f32> is made of 2 components, found 3
