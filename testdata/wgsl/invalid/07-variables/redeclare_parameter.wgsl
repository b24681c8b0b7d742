fn f(a: u32) { var a = 1u; }
// error 1:20 "a" is declared twice in this scope; the first time at 1:6
