fn f() { } }
// error 1:12 expected a declaration, found "}"
