var<private> a: array;
// error 1:17 type "array" has 0 template arguments, want 1 to 2
