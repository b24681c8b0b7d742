fn f() { let p = &1; }
// error 1:18 "&" wants a variable or a part of one, found a value of type abstract-int
