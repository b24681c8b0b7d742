fn f(a: vec2u) -> vec2u { return a << 1u; }
// error 1:36 operator "<<" cannot take vec2<u32> and u32
