fn f(a: u32) -> u32 { return insertBits(a, a, 20, 20); }
// error 1:30 bit field of 20 bits at 20 does not fit in 32 bits
