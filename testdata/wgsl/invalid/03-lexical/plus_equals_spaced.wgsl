fn f() { var a = 1; a + = 2; }
// error 1:23 expected an assignment, "++" or "--", found "+"
