fn f() { var a: vec2f; a.xy = vec2f(); }
// error 1:24 a swizzle of several components cannot be assigned to
