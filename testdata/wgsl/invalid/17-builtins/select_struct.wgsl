struct S { a: u32 } fn f(a: S, c: bool) -> S { return select(a, a, c); }
// error 1:55 builtin function "select" cannot take (S, S, bool); it wants two scalars or vectors of one type, and a bool or a vector of bool of that size
