if true { }
// error 1:1 expected a declaration, found "if"
