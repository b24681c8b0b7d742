var<private> f: u32; fn f() {}
// error 1:25 "f" is declared twice; the first time at 1:14
