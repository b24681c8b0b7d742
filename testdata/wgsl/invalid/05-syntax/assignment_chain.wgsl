fn f() { var a = 1; var b = 2; a = b = 3; }
// error 1:38 expected ";" after the statement, found "="
