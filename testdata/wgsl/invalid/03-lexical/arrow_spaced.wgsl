fn f() - > u32 { return 1; }
// error 1:8 expected "{" to open a block, found "-"
