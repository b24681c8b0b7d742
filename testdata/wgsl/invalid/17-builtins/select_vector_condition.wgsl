fn f(a: u32, c: vec2<bool>) -> u32 { return select(a, a, c); }
// error 1:45 builtin function "select" cannot take (u32, u32, vec2<bool>); it wants two scalars or vectors of one type, and a bool or a vector of bool of that size
