var<private> b: max;
// error 1:17 "max" is a builtin function, not a type
