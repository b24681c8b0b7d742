const a = 1;
fn a() {}
// error 2:4 "a" is declared twice; the first time at 1:7
