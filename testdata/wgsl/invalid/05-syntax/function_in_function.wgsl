fn f() { fn g() {} }
// error 1:10 expected "}" to close the block, found "fn"
