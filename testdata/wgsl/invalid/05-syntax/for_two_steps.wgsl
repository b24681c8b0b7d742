fn f() { for (var i = 0; i < 3; i++, i++) { } }
// error 1:36 expected ")" after the for loop's head, found ","
