fn f() { let a = 1; let p = &a; }
// error 1:29 "&" wants a variable or a part of one, found a value of type i32
