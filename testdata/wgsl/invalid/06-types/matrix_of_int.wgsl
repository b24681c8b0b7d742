var<private> m: mat2x2<i32>;
// error 1:17 a matrix's component is f32, not i32
