struct S { enum: u32 }
// error 1:12 "enum" is a reserved word
