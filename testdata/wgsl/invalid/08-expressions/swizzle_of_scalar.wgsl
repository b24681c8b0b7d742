fn f(a: u32) -> u32 { return a.x; }
// error 1:32 a value of type u32 has no members
