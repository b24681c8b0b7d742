fn f(a: mat2x2f) -> mat2x2f { return a + 1.0; }
// error 1:40 operator "+" cannot take mat2x2<f32> and abstract-float
