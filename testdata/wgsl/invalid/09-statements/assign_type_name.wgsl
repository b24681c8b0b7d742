fn f() { u32 = 1; }
// error 1:10 type "u32" is not a value
