const a = 1i << 31u;
// error 1:14 "<<" overflows i32: 1 << 31
