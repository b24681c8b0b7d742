fn f(a: u32) { a; }
// error 1:17 expected an assignment, "++" or "--", found ";"
