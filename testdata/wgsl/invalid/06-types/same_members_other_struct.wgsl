struct A { x: u32 } struct B { x: u32 } fn f(a: A) { var b: B = a; }
// error 1:65 the value of b is A, want B
