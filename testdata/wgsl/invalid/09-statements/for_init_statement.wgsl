fn f() { for (if true { }; ; ) { break; } }
// error 1:15 expected the start of a for loop, found "if"
// error 1:30 expected a statement, found ")"
