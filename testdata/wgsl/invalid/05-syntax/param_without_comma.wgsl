fn f(a: u32 b: u32) {}
// error 1:13 expected ")" after the parameters, found identifier "b"
