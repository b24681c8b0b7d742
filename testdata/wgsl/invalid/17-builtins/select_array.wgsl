fn f(a: array<u32, 2>, c: bool) -> array<u32, 2> { return select(a, a, c); }
// error 1:59 builtin function "select" cannot take (array<u32, 2>, array<u32, 2>, bool); it wants two scalars or vectors of one type, and a bool or a vector of bool of that size
