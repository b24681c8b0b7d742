fn f(a: i32) -> i32 { return dot4I8Packed(a, a); }
// error 1:30 builtin function "dot4I8Packed" cannot take (i32, i32); it wants u32
