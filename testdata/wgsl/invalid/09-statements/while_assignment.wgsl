fn f() { var a = true; while a = false { } }
// error 1:32 expected "{" to open a block, found "="
