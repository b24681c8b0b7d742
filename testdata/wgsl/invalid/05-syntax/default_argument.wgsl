fn f(a: u32 = 1) {}
// error 1:13 expected ")" after the parameters, found "="
