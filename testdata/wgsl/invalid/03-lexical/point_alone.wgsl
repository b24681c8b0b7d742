const a = .;
// error 1:11 expected an expression, found "."
