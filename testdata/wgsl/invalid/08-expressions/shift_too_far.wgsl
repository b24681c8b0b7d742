fn f(x: u32) { let a = x << 32; }
// error 1:26 shift by 32, but u32 has 32 bits
