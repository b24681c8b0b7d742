fn f(a: vec2i) -> f32 { return length(a); }
// error 1:32 builtin function "length" cannot take (vec2<i32>); it wants vectors of f32, all of one size
