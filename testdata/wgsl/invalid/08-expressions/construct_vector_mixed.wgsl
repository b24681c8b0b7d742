fn f(a: u32, b: i32) -> vec2u { return vec2(a, b); }
// error 1:48 this component is i32, the others are u32
