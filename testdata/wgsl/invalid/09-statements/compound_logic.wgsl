fn f() { var a = true; a &&= true; }
// error 1:26 expected an assignment, "++" or "--", found "&&"
