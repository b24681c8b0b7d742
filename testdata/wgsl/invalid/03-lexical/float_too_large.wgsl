const a = 1e400;
// error 1:11 literal 1e400 does not fit in abstract-float
