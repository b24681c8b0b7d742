var<private> a: u32; fn f() { a(); }
// error 1:31 "a" is a value and cannot be called
