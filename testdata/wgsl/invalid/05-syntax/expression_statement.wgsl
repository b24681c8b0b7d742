fn f(a: u32) { a + 1; }
// error 1:18 expected an assignment, "++" or "--", found "+"
