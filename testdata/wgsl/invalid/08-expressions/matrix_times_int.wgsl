fn f(a: mat2x2f, b: i32) -> mat2x2f { return a * b; }
// error 1:48 operator "*" cannot take mat2x2<f32> and i32
