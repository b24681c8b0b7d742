fn f() { struct S { a: u32 } }
// error 1:10 expected "}" to close the block, found "struct"
