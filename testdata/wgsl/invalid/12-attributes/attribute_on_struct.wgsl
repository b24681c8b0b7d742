@align(16) struct S { a: u32 }
// error 1:1 attribute @align is not allowed before "struct"
