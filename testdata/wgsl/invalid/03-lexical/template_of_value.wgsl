fn f(x: u32) -> u32 { return x<u32>(1); }
// error 1:30 "x" is a value and cannot be called
