const a = ;
fn f() { let x = ; let y = 2 + ; }
const c = 3;
fn g( { }
// error 1:11 expected an expression, found ";"
// error 2:18 expected an expression, found ";"
// error 2:32 expected an expression, found ";"
// error 4:7 expected an identifier for a parameter, found "{"
