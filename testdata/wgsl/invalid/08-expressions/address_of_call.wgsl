fn g() -> u32 { return 1; } fn f() { let p = &g(); }
// error 1:46 "&" wants a variable or a part of one, found a value of type u32
