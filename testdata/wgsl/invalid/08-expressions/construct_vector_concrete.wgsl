fn f(a: i32) -> vec2u { return vec2u(a, a); }
// error 1:38 this component is i32, want u32
