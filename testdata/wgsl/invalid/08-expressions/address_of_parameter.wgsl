fn f(a: u32) { let p = &a; }
// error 1:24 "&" wants a variable or a part of one, found a value of type u32
