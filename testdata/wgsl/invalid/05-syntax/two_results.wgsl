fn f() -> u32, u32 { return 1; }
// error 1:14 expected "{" to open a block, found ","
