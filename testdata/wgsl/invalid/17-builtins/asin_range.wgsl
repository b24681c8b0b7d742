const a = asin(-1.5);
// error 1:11 the value of "asin" is not finite here
