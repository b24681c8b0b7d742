fn f(v: vec3f) { let a = v[3]; }
// error 1:28 index 3 is out of bounds of vec3<f32>
