fn f(a: vec4f) -> vec4f { return cross(a, a); }
// error 1:34 builtin function "cross" cannot take (vec4<f32>, vec4<f32>); it wants two vec3<f32>
