struct S { a: u32 = 1 }
// error 1:19 expected "}" after the members, found "="
