fn f() { var a = 1; let b = a++; }
// error 1:30 expected ";" after the statement, found "++"
