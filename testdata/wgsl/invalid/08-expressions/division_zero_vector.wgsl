fn f(a: vec2i) -> vec2i { return a / vec2(1, 0); }
// error 1:36 integer division by zero
