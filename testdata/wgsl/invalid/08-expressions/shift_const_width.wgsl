const a = 1u << 32u;
// error 1:14 shift by 32, but u32 has 32 bits
