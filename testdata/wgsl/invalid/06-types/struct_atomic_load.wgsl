struct S { a: atomic<u32> } var<workgroup> s: S; fn f() { let t = s; }
// error 1:67 a value of type S cannot be loaded as a whole
