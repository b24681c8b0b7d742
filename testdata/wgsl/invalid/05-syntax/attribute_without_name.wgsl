@ fn f() {}
// error 1:3 expected the name of an attribute, found "fn"
