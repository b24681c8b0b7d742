const a = exp2(128f);
// error 1:11 the value of "exp2" is not finite here
