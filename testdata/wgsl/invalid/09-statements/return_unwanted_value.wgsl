fn f() { return 1; }
// error 1:10 return with a value; function "f" gives none
