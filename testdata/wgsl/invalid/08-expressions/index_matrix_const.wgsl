fn f(a: mat2x3f) -> vec3f { return a[2]; }
// error 1:38 index 2 is out of bounds of mat2x3<f32>
