fn f(c: bool) -> u32 { if c { let a = 1u; } else { return a; } return 0; }
// error 1:59 unknown name "a"
