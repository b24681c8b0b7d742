fn f() { _ = u32; }
// error 1:14 type "u32" is not a value
