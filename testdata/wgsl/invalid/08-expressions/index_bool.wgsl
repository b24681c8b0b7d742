fn f(a: vec2u) -> u32 { return a[true]; }
// error 1:34 an index is an integer, not bool
