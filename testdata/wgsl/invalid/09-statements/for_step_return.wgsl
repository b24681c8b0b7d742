fn f() { for (var i = 0; i < 3; return) { } }
// error 1:33 expected the step of a for loop, found "return"
