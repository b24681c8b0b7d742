const a = mat2x3f(vec2f(1, 2), vec2f(3, 4));
// error 1:19 this part of the matrix is vec2<f32>, want vec3<f32>
