fn f(a: mat2x2f) -> vec2f { return a.x; }
// error 1:38 a value of type mat2x2<f32> has no members
