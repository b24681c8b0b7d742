fn f(a: u32) -> u32 { return a >> 32; }
// error 1:32 shift by 32, but u32 has 32 bits
