fn f() { g(); }
// error 1:10 unknown function "g"
