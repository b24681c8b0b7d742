fn f(a: u32) { a(); }
// error 1:16 "a" is a value and cannot be called
