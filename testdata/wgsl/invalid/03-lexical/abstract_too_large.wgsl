const a = 9223372036854775808;
// error 1:11 literal 9223372036854775808 does not fit in abstract-int
