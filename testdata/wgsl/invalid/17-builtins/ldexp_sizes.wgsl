fn f(a: vec2f, b: i32) -> vec2f { return ldexp(a, b); }
// error 1:42 builtin function "ldexp" cannot take (vec2<f32>, i32); it wants a float and an i32, or vectors of them of one size
