fn f(a: mat2x3f, b: vec3f) { let c = a * b; }
// error 1:40 operator "*" cannot take mat2x3<f32> and vec3<f32>
