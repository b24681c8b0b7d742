struct S { @align a: u32 }
// error 1:12 attribute @align has 0 arguments, want 1
