fn f(v: vec2f) { let a = v.xg; }
// error 1:28 "xg" is not a swizzle of vec2<f32>
