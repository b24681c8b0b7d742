@block struct S { a: u32 }
// error 1:1 attribute @block is not allowed before "struct"
