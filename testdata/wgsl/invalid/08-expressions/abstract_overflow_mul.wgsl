const a = 0x100000000 * 0x100000000;
// error 1:23 "*" overflows abstract-int: 4294967296 * 4294967296
