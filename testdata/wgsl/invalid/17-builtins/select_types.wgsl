fn f(a: u32, b: i32, c: bool) -> u32 { return select(a, b, c); }
// error 1:47 builtin function "select" cannot take (u32, i32, bool); it wants two scalars or vectors of one type, and a bool or a vector of bool of that size
