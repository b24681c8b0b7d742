fn f(a: mat2x2f, c: bool) -> mat2x2f { return select(a, a, c); }
// error 1:47 builtin function "select" cannot take (mat2x2<f32>, mat2x2<f32>, bool); it wants two scalars or vectors of one type, and a bool or a vector of bool of that size
