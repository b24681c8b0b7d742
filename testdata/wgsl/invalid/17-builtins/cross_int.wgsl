fn f(a: vec3i) -> vec3i { return cross(a, a); }
// error 1:34 builtin function "cross" cannot take (vec3<i32>, vec3<i32>); it wants two vec3<f32>
