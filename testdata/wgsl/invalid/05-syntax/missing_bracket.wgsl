fn f(a: vec2u) -> u32 { return a[0; }
// error 1:35 expected "]" after the index, found ";"
