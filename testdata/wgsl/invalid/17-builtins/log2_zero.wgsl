const a = log2(0f);
// error 1:11 the value of "log2" is not finite here
