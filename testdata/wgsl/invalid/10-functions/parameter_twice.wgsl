fn f(a: u32, a: u32) {}
// error 1:14 parameter "a" is declared twice
