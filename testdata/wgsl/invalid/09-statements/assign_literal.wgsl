fn f() { 1 = 2; }
// error 1:10 expected a statement, found integer literal "1"
