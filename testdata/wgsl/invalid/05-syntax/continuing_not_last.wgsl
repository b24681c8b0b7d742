fn f() { loop { continuing { } let a = 1; break; } }
// error 1:32 expected "}" to close the loop, found "let"
