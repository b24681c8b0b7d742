fn f(a: vec4u) -> u32 { return pack4xI8(a); }
// error 1:32 builtin function "pack4xI8" cannot take (vec4<u32>); it wants vec4<i32>
