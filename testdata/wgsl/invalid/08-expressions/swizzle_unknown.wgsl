fn f(a: vec4u) -> u32 { return a.q; }
// error 1:34 "q" is not a swizzle of vec4<u32>
