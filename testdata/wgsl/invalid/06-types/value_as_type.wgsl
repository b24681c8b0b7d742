const a = 1; var<private> b: a;
// error 1:30 "a" is not a type
