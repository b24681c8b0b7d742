const a = 0x80000000u << 1;
// error 1:23 "<<" overflows u32: 2147483648 << 1
