fn f(a: mat2x3f) -> f32 { return determinant(a); }
// error 1:34 builtin function "determinant" cannot take (mat2x3<f32>); it wants a square matrix
