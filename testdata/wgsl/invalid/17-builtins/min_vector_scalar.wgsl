fn f(a: vec2u) -> vec2u { return min(a, 1u); }
// error 1:34 builtin function "min" cannot take (vec2<u32>, u32); it wants i32, u32, f32 or vectors of them, all of one type
