fn f() { case 1: {} }
// error 1:10 expected a statement, found "case"
