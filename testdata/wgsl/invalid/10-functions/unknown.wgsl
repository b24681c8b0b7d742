fn f() { nothing(); }
// error 1:10 unknown function "nothing"
