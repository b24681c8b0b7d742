fn f(a: thing) {}
// error 1:9 unknown type "thing"
