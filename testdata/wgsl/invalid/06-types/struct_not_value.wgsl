struct S { a: u32 } const s = S;
// error 1:31 type "S" is not a value
