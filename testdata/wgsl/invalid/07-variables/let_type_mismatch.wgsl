fn f() { let a: u32 = vec2(1, 2); }
// error 1:23 the value of a is vec2<abstract-int>, want u32
