fn f(a: i32) -> vec4f { return unpack4x8unorm(a); }
// error 1:32 builtin function "unpack4x8unorm" cannot take (i32); it wants u32
