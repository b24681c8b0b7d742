const a = 2147483648i;
// error 1:11 literal 2147483648i does not fit in i32
