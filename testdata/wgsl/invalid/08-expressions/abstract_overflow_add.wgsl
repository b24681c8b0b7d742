const a = 0x7fffffffffffffff + 1;
// error 1:30 "+" overflows abstract-int: 9223372036854775807 + 1
