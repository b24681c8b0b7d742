fn f(a: u32) -> u32 { return a[0]; }
// error 1:30 a value of type u32 cannot be indexed
