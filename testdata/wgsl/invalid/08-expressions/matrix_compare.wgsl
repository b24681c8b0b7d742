fn f(a: mat2x2f) -> bool { return all(a == a); }
// error 1:41 operator "==" cannot take mat2x2<f32> and mat2x2<f32>
