fn f(a: vec2f) -> vec2f { return transpose(a); }
// error 1:34 builtin function "transpose" cannot take (vec2<f32>); it wants a matrix
