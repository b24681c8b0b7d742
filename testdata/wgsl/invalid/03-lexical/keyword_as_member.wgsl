struct S { if: u32 }
// error 1:12 expected an identifier for a member, found "if"
