fn f(a: array<u32, 2>) -> u32 { return a.x; }
// error 1:42 a value of type array<u32, 2> has no members
