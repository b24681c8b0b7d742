fn f(a: mat2x2f) -> mat2x2f { return -a; }
// error 1:38 operator "-" cannot take mat2x2<f32>
