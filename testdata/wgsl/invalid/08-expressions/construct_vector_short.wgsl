const a = vec3f(1, 2);
// error 1:11 vec3<f32> is made of 3 components, found 2
