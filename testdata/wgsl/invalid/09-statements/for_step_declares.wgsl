fn f() { for (var i = 0; i < 3; var j = 1) { } }
// error 1:33 expected the step of a for loop, found "var"
