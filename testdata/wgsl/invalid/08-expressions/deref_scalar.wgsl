fn f(a: u32) -> u32 { return *a; }
// error 1:30 "*" wants a pointer, found u32
