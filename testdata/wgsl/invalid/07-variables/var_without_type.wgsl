fn f() { var a; }
// error 1:15 var "a" needs a type or a value
