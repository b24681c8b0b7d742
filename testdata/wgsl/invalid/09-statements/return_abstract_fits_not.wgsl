fn f() -> u32 { return -1; }
// error 1:24 value -1 cannot be represented as u32
