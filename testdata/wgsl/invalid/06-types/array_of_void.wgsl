var<private> a: array<f, 2>; fn f() {}
// error 1:23 "f" is not a type
