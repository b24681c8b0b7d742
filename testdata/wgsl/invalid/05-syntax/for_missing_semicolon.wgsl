fn f() { for (var i = 0; i < 3) { } }
// error 1:31 expected ";" after the for loop's condition, found ")"
