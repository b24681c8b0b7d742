struct S { a: u32 } var<private> a: vec2<S>;
// error 1:37 a vector's component is a scalar, not S
