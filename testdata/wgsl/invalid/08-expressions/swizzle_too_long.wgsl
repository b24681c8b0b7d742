fn f(a: vec4u) -> vec4u { return a.xyzwx; }
// error 1:36 "xyzwx" is not a swizzle of vec4<u32>
