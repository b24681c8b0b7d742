fn f(a: i32) -> mat2x2f { return mat2x2(a, a, a, a); }
// error 1:41 a matrix's component is a float, not i32
