fn f(a: vec4i) -> u32 { return pack4x8unorm(a); }
// error 1:32 builtin function "pack4x8unorm" cannot take (vec4<i32>); it wants vec4<f32>
