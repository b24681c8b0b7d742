var<private> a: mat2x2<bool>;
// error 1:17 a matrix's component is f32, not bool
