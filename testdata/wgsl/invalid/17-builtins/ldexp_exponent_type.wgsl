fn f(a: f32, b: u32) -> f32 { return ldexp(a, b); }
// error 1:38 builtin function "ldexp" cannot take (f32, u32); it wants a float and an i32, or vectors of them of one size
