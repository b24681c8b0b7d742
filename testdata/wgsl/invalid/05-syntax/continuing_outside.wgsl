fn f() { continuing { } }
// error 1:10 expected "}" to close the block, found "continuing"
