fn f(a: bool) { if a return; }
// error 1:22 expected "{" to open a block, found "return"
