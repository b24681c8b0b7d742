struct S { @align(0) a: u32 }
// error 1:12 @align wants a positive power of two, found 0
