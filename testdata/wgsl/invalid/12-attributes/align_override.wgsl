override n: u32; struct S { @align(n) a: u32 }
// error 1:36 the argument of @align must be a constant expression
