fn f(a: f32) -> f32 { return ldexp(a, 200); }
// error 1:30 exponent 200 of ldexp is greater than 128
