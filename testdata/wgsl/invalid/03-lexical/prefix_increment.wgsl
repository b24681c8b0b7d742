fn f() { var a = 1; ++a; }
// error 1:21 expected a statement, found "++"
