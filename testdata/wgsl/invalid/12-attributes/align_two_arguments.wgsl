struct S { @align(4, 8) a: u32 }
// error 1:12 attribute @align has 2 arguments, want 1
