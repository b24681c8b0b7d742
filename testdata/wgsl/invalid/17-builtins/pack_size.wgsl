fn f(a: vec2f) -> u32 { return pack4x8unorm(a); }
// error 1:32 builtin function "pack4x8unorm" cannot take (vec2<f32>); it wants vec4<f32>
