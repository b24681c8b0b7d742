const a = extractBits(1u, 30, 4);
// error 1:11 bit field of 4 bits at 30 does not fit in 32 bits
