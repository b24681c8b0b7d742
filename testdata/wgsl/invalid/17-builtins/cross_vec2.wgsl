const a = cross(vec2f(1, 2), vec2f(3, 4));
// error 1:11 builtin function "cross" cannot take (vec2<f32>, vec2<f32>); it wants two vec3<f32>
