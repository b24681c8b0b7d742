struct S { @align(4.0) a: u32 }
// error 1:19 the argument of @align is an integer, not abstract-float
