fn f(a: u32) -> u32 { return select(a, a, a); }
// error 1:30 builtin function "select" cannot take (u32, u32, u32); it wants two scalars or vectors of one type, and a bool or a vector of bool of that size
