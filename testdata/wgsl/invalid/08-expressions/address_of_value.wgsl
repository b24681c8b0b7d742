fn f(a: i32) { let c = &a; }
// error 1:24 "&" wants a variable or a part of one, found a value of type i32
