struct S { a: u32 } fn f(s: S) -> u32 { return s[0]; }
// error 1:48 a value of type S cannot be indexed
