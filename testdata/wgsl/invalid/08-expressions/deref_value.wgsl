fn f(a: u32) { let c = *a; }
// error 1:24 "*" wants a pointer, found u32
