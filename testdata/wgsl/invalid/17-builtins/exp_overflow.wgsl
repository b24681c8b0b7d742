const a = exp(100f);
// error 1:11 the value of "exp" is not finite here
