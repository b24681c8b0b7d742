fn f() {} var<private> b: f;
// error 1:27 "f" is not a type
