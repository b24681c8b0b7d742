fn f(a: vec2u) -> bool { return all(a); }
// error 1:33 builtin function "all" cannot take (vec2<u32>); it wants a bool or a vector of bool
