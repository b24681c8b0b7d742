const a = 0x100000000u;
// error 1:11 literal 0x100000000u does not fit in u32
