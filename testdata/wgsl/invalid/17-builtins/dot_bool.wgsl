fn f(a: vec2<bool>) -> bool { return dot(a, a); }
// error 1:38 builtin function "dot" cannot take (vec2<bool>, vec2<bool>); it wants two numeric vectors of one type
