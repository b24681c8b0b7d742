fn f() { loop { continuing { break if true; let a = 1; } } }
// error 1:45 expected "}" to close the continuing block, found "let"
