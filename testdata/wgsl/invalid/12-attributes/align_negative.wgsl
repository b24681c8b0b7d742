struct S { @align(-4) a: u32 }
// error 1:12 @align wants a positive power of two, found -4
