fn f() { let a = ; } }
fn g() { } }
// error 1:18 expected an expression, found ";"
