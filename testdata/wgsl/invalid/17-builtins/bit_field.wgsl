fn f(x: u32) { let a = extractBits(x, 20u, 20u); }
// error 1:24 bit field of 20 bits at 20 does not fit in 32 bits
