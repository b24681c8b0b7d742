const a = 1 << 64;
// error 1:13 "<<" overflows abstract-int: 1 << 64
