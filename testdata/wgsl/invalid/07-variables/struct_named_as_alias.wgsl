struct A { a: u32 } alias A = u32;
// error 1:27 "A" is declared twice; the first time at 1:8
