fn f() { var a = true; if a = false { } }
// error 1:29 expected "{" to open a block, found "="
