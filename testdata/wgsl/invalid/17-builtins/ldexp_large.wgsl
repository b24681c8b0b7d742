const a = ldexp(1.0, 2000);
// error 1:11 exponent 2000 of ldexp is greater than 1024
