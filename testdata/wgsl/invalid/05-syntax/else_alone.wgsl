fn f() { else { } }
// error 1:10 expected a statement, found "else"
