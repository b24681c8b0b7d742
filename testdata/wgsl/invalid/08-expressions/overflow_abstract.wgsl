const a = 9223372036854775807 + 1;
// error 1:31 "+" overflows abstract-int: 9223372036854775807 + 1
