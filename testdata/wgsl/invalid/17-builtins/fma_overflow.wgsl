const a = fma(1e38f, 10f, 1f);
// error 1:11 the value of "fma" is not finite here
