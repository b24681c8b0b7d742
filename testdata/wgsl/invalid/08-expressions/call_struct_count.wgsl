struct S { a: u32, b: u32 } const s = S(1);
// error 1:39 S is constructed from 2 values, found 1
