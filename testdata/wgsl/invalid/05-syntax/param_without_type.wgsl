fn f(a) {}
// error 1:7 expected ":" after the parameter's name, found ")"
