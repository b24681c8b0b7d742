struct S { a: u32 } fn f(s: S) -> u32 { return s.b; }
// error 1:50 structure S has no member "b"
