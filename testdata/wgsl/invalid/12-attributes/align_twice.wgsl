struct S { @align(4) @align(8) a: u32 }
// error 1:22 attribute @align is given twice
