struct S { a: u32 } fn f(a: S) -> u32 { return bitcast<u32>(a); }
// error 1:48 bitcast<u32> cannot take S
