const a = u32(1, 2);
// error 1:11 u32 is constructed from one scalar
